package io.nodedb.mem.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.nodedb.mem.BreachMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/** Reads the rules, and refuses those that would open scopes of two engines in one method. */
final class RuleReader {
  private static final String PATTERN_REMEDY =
      "write names with dots between them, * within a part, ** across, such as com.example.**";

  private final Collection<String> engines;
  private final List<Rule> rules = new ArrayList<>();

  RuleReader(Collection<String> engines) {
    this.engines = engines;
  }

  List<Rule> read(Values values) {
    if (values.find("rules").isPresent()) {
      for (var value : (List<?>) values.find("rules").get()) {
        add((ConfigValue) value);
      }
    }
    return rules;
  }

  private void add(ConfigValue value) {
    var name = "rules[" + rules.size() + "]";
    var place = Places.of(value.origin());
    var fields = new Values((ConfigObject) value, name + ".");
    var classes =
        fields
            .find("classes", Glob::ofClasses, PATTERN_REMEDY)
            .orElseThrow(
                () ->
                    ConfigException.of(
                        place, name + ".classes", null, "the rule names no classes",
                        "write classes = \"com.example.**\""));
    var methods =
        fields.find(
            "methods", Glob::ofMethods, "write a method's name, * for any part of it, or <init>");
    var engine = fields.find("engine", this::known, Keys.suggest(engineText(fields), engines));
    var modes = Choice.without(BreachMode.INHERIT);
    var mode = fields.find("mode", modes::parse, modes.remedy());
    var perCall = fields.find("per-call", RuleReader::positive, Sizes.REMEDY);
    var pinArena = fields.find("pin-arena", Choice::yes, "write true or false");
    if (engine.isEmpty()) {
      mode.ifPresent(RuleReader::needsEngine);
      perCall.ifPresent(RuleReader::needsEngine);
      pinArena.ifPresent(RuleReader::needsEngine);
    }
    var rule =
        new Rule(
            classes.value(),
            methods.map(Item::value),
            engine.map(Item::value),
            mode.map(Item::value),
            perCall.map(p -> OptionalLong.of(p.value())).orElse(OptionalLong.empty()),
            pinArena.map(Item::value).orElse(false),
            place);
    refuseConflict(name, rule);
    rules.add(rule);
  }

  private static String engineText(Values fields) {
    return fields.find("engine").map(v -> String.valueOf(v.unwrapped())).orElse("");
  }

  private String known(String engine) {
    if (!engines.contains(engine)) {
      throw new IllegalArgumentException("no such engine, there are " + String.join(", ", engines));
    }
    return engine;
  }

  private static long positive(String text) {
    var bytes = Sizes.parse(text);
    if (bytes == 0) {
      throw new IllegalArgumentException("a call with a budget of nothing could do nothing");
    }
    return bytes;
  }

  private static void needsEngine(Item<?> field) {
    throw field.bad("the rule opens no scope", "add engine = NAME to the rule, or leave this out");
  }

  private void refuseConflict(String name, Rule rule) {
    for (var other : rules) {
      if (rule.engine().isPresent()
          && other.engine().isPresent()
          && !rule.engine().equals(other.engine())
          && rule.overlaps(other)) {
        throw ConfigException.of(
            rule.place(), name, describe(rule),
            "matches methods that the rule at "
                + other.place()
                + " matches too, with another engine: "
                + describe(other),
            "narrow one of the patterns, or name one engine in both");
      }
    }
  }

  private static String describe(Rule rule) {
    var methods = rule.methods().map(m -> ", methods = \"" + m + "\"").orElse("");
    return "{ classes = \"%s\"%s, engine = %s }"
        .formatted(rule.classes(), methods, rule.engine().orElseThrow());
  }
}
