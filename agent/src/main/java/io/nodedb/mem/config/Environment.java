package io.nodedb.mem.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Environment variables: {@code NODEDB_MEM_} and a key in upper case with underscores. Every
 * variable with that prefix must be known. The mapping manager's own three names, {@code
 * XTREE_MMAP_*}, keep the meaning they have there: {@code KB}, {@code MB} and {@code GB} are
 * powers of 1024, and the headroom may be a plain fraction. The {@code
 * NODEDB_MEM_} name wins over them.
 */
final class Environment {
  static final String FILE = "NODEDB_MEM_CONFIG";

  private static final String PREFIX = "NODEDB_MEM_";
  private static final String ENGINES = "ENGINES_";
  private static final Pattern OLD_SIZE = Pattern.compile("([0-9.]+\\s*)([KMGkmg])[Bb]");
  private static final Pattern OLD_FRACTION = Pattern.compile("[0-9]*\\.?[0-9]+");

  private final Map<String, String> keys = new LinkedHashMap<>();
  private final Map<String, String> engines = new LinkedHashMap<>();

  /**
   * Makes one.
   *
   * @param engineNames the engines known from elsewhere: a name with a dash can't be told from one
   *     with an underscore by the variable alone
   */
  Environment(Collection<String> engineNames) {
    for (var key : Keys.VALUES) {
      keys.put(PREFIX + Keys.asVariable(key), key);
    }
    keys.put(PREFIX + "RULES", "rules");
    for (var name : engineNames) {
      engines.putIfAbsent(Keys.asVariable(name), name);
    }
  }

  Config layer(Map<String, String> env) {
    var layer = ConfigFactory.empty();
    for (var old : Map.of("BUDGET", "mmap.budget", "WINDOW_SIZE", "mmap.window-size",
        "HEADROOM", "mmap.headroom").entrySet()) {
      var variable = "XTREE_MMAP_" + old.getKey();
      var value = env.get(variable);
      if (value != null) {
        layer = with(layer, old.getValue(), modern(old.getKey(), value.strip()), variable);
      }
    }
    for (var entry : new TreeMap<>(env).entrySet()) {
      var variable = entry.getKey();
      if (variable.startsWith(PREFIX) && !variable.equals(FILE)) {
        layer = with(layer, path(variable, entry.getValue()), entry.getValue(), variable);
      }
    }
    return layer;
  }

  private static Config with(Config layer, String path, String value, String variable) {
    var origin = "environment variable " + variable;
    return layer.withValue(path, ConfigValueFactory.fromAnyRef(value, origin));
  }

  private static String modern(String name, String value) {
    if (name.equals("HEADROOM")) {
      return OLD_FRACTION.matcher(value).matches()
          ? new BigDecimal(value).movePointRight(2).toPlainString() + "%"
          : value;
    }
    var size = OLD_SIZE.matcher(value);
    return size.matches() ? size.group(1) + size.group(2) + "iB" : value;
  }

  private String path(String variable, String value) {
    var key = keys.get(variable);
    if (key != null) {
      return key;
    }
    var rest = variable.substring(PREFIX.length());
    if (rest.startsWith(ENGINES)) {
      for (var ofEngine : Keys.OF_ENGINE) {
        var suffix = "_" + Keys.asVariable(ofEngine);
        if (rest.endsWith(suffix) && rest.length() > ENGINES.length() + suffix.length()) {
          var name = rest.substring(ENGINES.length(), rest.length() - suffix.length());
          return ConfigUtil.joinPath("engines", engine(name), ofEngine);
        }
      }
    }
    throw ConfigException.of(
        "environment variable " + variable, variable, value, "unknown setting",
        Keys.suggest(variable, known()));
  }

  private String engine(String name) {
    var known = engines.get(name);
    return known != null ? known : name.toLowerCase(Locale.ROOT);
  }

  private Collection<String> known() {
    var names = new ArrayList<String>();
    names.add(FILE);
    names.addAll(keys.keySet());
    for (var engine : engines.keySet()) {
      for (var key : Keys.OF_ENGINE) {
        names.add(PREFIX + ENGINES + engine + "_" + Keys.asVariable(key));
      }
    }
    names.remove(PREFIX + "RULES");
    return names;
  }
}
