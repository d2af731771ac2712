package io.nodedb.mem.config;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.Engines;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the budgets. Engines without a limit share equally what the others leave of the ceiling, so
 * that every known engine has a budget and no sum passes the ceiling.
 */
final class EngineReader {
  private static final List<String> KNOWN =
      List.of(
          Engines.VECTOR,
          Engines.SPARSE,
          Engines.CRDT,
          Engines.TIMESERIES,
          Engines.QUERY,
          Engines.WAL,
          Engines.BRIDGE);
  private static final String SIZE_REMEDY = "write a size or a percentage, such as 512MiB or 25%";

  private final Values values;
  private final Item<Long> ceiling;
  private final List<String> warnings;

  EngineReader(Values values, Item<Long> ceiling, List<String> warnings) {
    this.values = values;
    this.ceiling = ceiling;
    this.warnings = warnings;
  }

  /** The known engines and those that somebody named, in a fixed order. */
  static Set<String> names(Collection<String> stated) {
    var names = new LinkedHashSet<>(KNOWN);
    names.addAll(new TreeSet<>(stated));
    return names;
  }

  List<EngineSettings> read() {
    var stated = values.section("engines").map(Map::keySet).orElse(Set.of());
    var engines = new ArrayList<EngineSettings>();
    limits(names(stated)).forEach((name, limit) -> engines.add(engine(name, limit)));
    return engines;
  }

  private Map<String, Item<Long>> limits(Set<String> names) {
    var limits = new LinkedHashMap<String, Item<Long>>();
    var left = ceiling.value();
    var without = 0;
    for (var name : names) {
      var limit =
          values.find(key(name, "limit"), t -> Sizes.parse(t, ceiling.value()), SIZE_REMEDY);
      limits.put(name, limit.orElse(null));
      if (limit.isEmpty()) {
        without++;
        continue;
      }
      check(limit.get());
      // A sum past the ceiling is complained about with all limits known, so keep counting.
      left = left < 0 ? -1 : left - limit.get().value();
    }
    if (left < 0) {
      throw tooMuch(limits);
    }
    if (without > 0) {
      share(limits, left / without);
    }
    return limits;
  }

  private void check(Item<Long> limit) {
    if (limit.value() <= 0) {
      throw limit.bad("an engine with a limit of nothing could do nothing", SIZE_REMEDY);
    }
    if (limit.value() > ceiling.value()) {
      throw limit.bad(
          "above the ceiling, " + ceiling + " = " + ceiling.value() + " bytes",
          "lower it, or raise ceiling");
    }
  }

  private ConfigException tooMuch(Map<String, Item<Long>> limits) {
    var stated = limits.values().stream().filter(l -> l != null).toList();
    var largest = stated.stream().max(Comparator.comparing(Item::value)).orElseThrow();
    var list = String.join(", ", stated.stream().map(l -> l.key() + " = " + l.text()).toList());
    return largest.bad(
        "the limits add up to more than the ceiling, " + ceiling + ": " + list,
        "lower one of them, or raise ceiling");
  }

  private void share(Map<String, Item<Long>> limits, long share) {
    var without = new ArrayList<String>();
    limits.forEach(
        (name, limit) -> {
          if (limit == null) {
            without.add(name);
          }
        });
    if (share == 0) {
      var largest =
          limits.values().stream()
              .filter(l -> l != null)
              .max(Comparator.comparing(Item::value))
              .orElse(ceiling);
      throw largest.bad(
          "the limits leave nothing of the ceiling, "
              + ceiling
              + ", for engines without one: "
              + String.join(", ", without),
          "lower a limit, raise ceiling, or give " + key(without.getFirst(), "limit") + " a value");
    }
    if (share < ceiling.value() / 100) {
      warnings.add(
          "the stated limits leave only "
              + Sizes.format(share)
              + " for each of "
              + String.join(", ", without));
    }
    for (var name : without) {
      limits.put(name, Item.ofDefault(key(name, "limit"), Sizes.format(share), share));
    }
  }

  private EngineSettings engine(String name, Item<Long> limit) {
    var min = values.read(key(name, "min"), "25%", t -> Sizes.parse(t, limit.value()), SIZE_REMEDY);
    if (min.value() > limit.value()) {
      throw min.bad("above the engine's limit, " + limit, "lower it, or raise the limit");
    }
    var modes = Choice.without(BreachMode.INHERIT);
    var mode = values.read(key(name, "mode"), "reject", modes::parse, modes.remedy());
    var wait = values.duration(key(name, "wait-timeout"), "2s");
    return new EngineSettings(name, limit.value(), min.value(), mode.value(), wait.value());
  }

  private static String key(String engine, String key) {
    return "engines." + engine + "." + key;
  }
}
