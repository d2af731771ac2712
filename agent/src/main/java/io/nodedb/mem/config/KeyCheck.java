package io.nodedb.mem.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Walks a resolved tree before anything is read from it: every key is known, sections are sections,
 * values are values, engines have sound names. What reads the tree afterwards need not ask.
 */
final class KeyCheck {
  private static final Pattern ENGINE_NAME = Pattern.compile("[a-z][a-z0-9_-]*");
  /** What reports use for memory that is no engine's, and for all engines together. */
  private static final List<String> RESERVED = List.of("unattributed", "jvm", "global");
  private static final ConfigRenderOptions CONCISE =
      ConfigRenderOptions.concise().setJson(false);

  private KeyCheck() {}

  static void check(ConfigObject root) {
    check(root, "");
  }

  private static void check(ConfigObject section, String name) {
    var known = Keys.inside(name);
    for (var key : new TreeSet<>(section.keySet())) {
      var value = section.get(key);
      var full = name.isEmpty() ? key : name + "." + key;
      if (!known.contains(key)) {
        throw unknown(full, value, key, known);
      }
      if (full.equals("engines")) {
        engines(section(full, value));
      } else if (full.equals("rules")) {
        rules(full, value);
      } else if (Keys.inside(full).isEmpty()) {
        value(full, value);
      } else {
        check(section(full, value), full);
      }
    }
  }

  private static void engines(ConfigObject engines) {
    Map<String, String> variables = new HashMap<>();
    for (var name : new TreeSet<>(engines.keySet())) {
      var full = "engines." + name;
      var value = engines.get(name);
      if (!ENGINE_NAME.matcher(name).matches()) {
        throw bad(full, value, "not a name for an engine",
            "write lower-case letters, digits, - and _, a letter first");
      }
      if (RESERVED.contains(name)) {
        throw bad(full, value, "a name that reports use for memory of no single engine",
            "write another name");
      }
      var twin = variables.put(Keys.asVariable(name), name);
      if (twin != null) {
        throw bad(full, value, "a duplicate of engine " + twin + " but for - and _",
            "write the same name in both places, or a different one");
      }
      leaves(section(full, value), full, Keys.OF_ENGINE);
    }
  }

  private static void rules(String full, ConfigValue value) {
    if (value.valueType() == ConfigValueType.NULL) {
      return;
    }
    if (!(value instanceof List<?> rules)) {
      throw bad(full, value, "not a list",
          "write rules = [ { classes = \"com.example.**\", engine = query } ] in nodedb-mem.conf");
    }
    var index = 0;
    for (var rule : rules) {
      var name = full + "[" + index++ + "]";
      leaves(section(name, (ConfigValue) rule), name, Keys.OF_RULE);
    }
  }

  private static void leaves(ConfigObject section, String name, Collection<String> known) {
    for (var key : new TreeSet<>(section.keySet())) {
      var full = name + "." + key;
      if (!known.contains(key)) {
        throw unknown(full, section.get(key), key, known);
      }
      value(full, section.get(key));
    }
  }

  private static ConfigObject section(String full, ConfigValue value) {
    if (value instanceof ConfigObject object) {
      return object;
    }
    throw bad(full, value, "a section is expected here, not a single value",
        "write " + full.replaceAll("\\[.*", "") + " with { key = value } inside");
  }

  private static void value(String full, ConfigValue value) {
    if (value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST) {
      throw bad(full, value, "a single value is expected here",
          "write " + full + " = value, without braces or brackets");
    }
  }

  private static ConfigException unknown(
      String full, ConfigValue value, String key, Collection<String> known) {
    return bad(full, value, "unknown key", Keys.suggest(key, known));
  }

  private static ConfigException bad(
      String full, ConfigValue value, String problem, String remedy) {
    var text =
        switch (value.valueType()) {
          case OBJECT -> "{" + value.render(CONCISE) + "}";
          case LIST -> value.render(CONCISE);
          case NUMBER -> value.render();
          default -> String.valueOf(value.unwrapped());
        };
    return ConfigException.of(Places.of(value.origin()), full, text, problem, remedy);
  }
}
