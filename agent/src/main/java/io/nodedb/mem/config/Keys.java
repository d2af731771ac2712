package io.nodedb.mem.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Every key there is. What is not here is refused. */
final class Keys {
  /** Settings with one value each, by full name. */
  static final List<String> VALUES =
      List.of(
          "ceiling",
          "heap-ceiling",
          "pressure.warning",
          "pressure.critical",
          "pressure.emergency",
          "pressure.hysteresis",
          "spill.start",
          "spill.restore",
          "rebalance.enabled",
          "rebalance.interval",
          "rebalance.step",
          "rebalance.hint",
          "heap.sampling-interval",
          "heap.gate-threshold",
          "heap.min-gc-interval",
          "heap.ticker-interval",
          "heap.grace",
          "audit.interval",
          "guard.enabled",
          "guard.cancel-worst",
          "guard.cancel-after",
          "mmap.budget",
          "mmap.window-size",
          "mmap.headroom",
          "mmap.release-after",
          "overflow.dir",
          "overflow.initial",
          "overflow.max",
          "overflow.durability",
          "native.jemalloc",
          "native.leak-detection",
          "metrics.port",
          "metrics.host");

  /** What an engine's section holds. */
  static final List<String> OF_ENGINE = List.of("limit", "min", "mode", "wait-timeout");

  /** What a rule holds. */
  static final List<String> OF_RULE = List.of("classes", "methods", "engine", "mode", "per-call", "pin-arena");

  private Keys() {}

  /** The names that may stand at the top or, with a section's name, inside that section. */
  static Set<String> inside(String section) {
    var names = new LinkedHashSet<String>();
    var prefix = section.isEmpty() ? "" : section + ".";
    for (var key : VALUES) {
      if (key.startsWith(prefix)) {
        var rest = key.substring(prefix.length());
        var dot = rest.indexOf('.');
        names.add(dot < 0 ? rest : rest.substring(0, dot));
      }
    }
    if (section.isEmpty()) {
      names.add("engines");
      names.add("rules");
    }
    return names;
  }

  /** A key or an engine's name as part of an environment variable. */
  static String asVariable(String key) {
    return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** What to write instead of a word that is not known: the nearest known one, or all of them. */
  static String suggest(String word, Collection<String> known) {
    return nearest(word, known)
        .map(near -> "did you mean " + near + "?")
        .orElseGet(() -> "known: " + String.join(", ", known));
  }

  private static Optional<String> nearest(String word, Collection<String> known) {
    var tolerance = Math.max(2, word.length() / 3);
    return known.stream()
        .filter(k -> distance(word, k) <= tolerance)
        .min(Comparator.comparingInt(k -> distance(word, k)));
  }

  /** How many single-character edits lie between two words (Levenshtein). */
  private static int distance(String a, String b) {
    var row = new ArrayList<Integer>();
    for (var j = 0; j <= b.length(); j++) {
      row.add(j);
    }
    for (var i = 1; i <= a.length(); i++) {
      int diagonal = row.set(0, i);
      for (var j = 1; j <= b.length(); j++) {
        var same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
        var edits =
            Math.min(diagonal + (same ? 0 : 1), 1 + Math.min(row.get(j), row.get(j - 1)));
        diagonal = row.set(j, edits);
      }
    }
    return row.getLast();
  }
}
