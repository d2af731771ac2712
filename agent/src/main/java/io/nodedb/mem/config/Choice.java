package io.nodedb.mem.config;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A setting that is one of a few words: the names of an enumeration's constants in lower case, with
 * dashes.
 */
final class Choice<E extends Enum<E>> {
  private final Map<String, E> words = new LinkedHashMap<>();

  private Choice(Set<E> constants) {
    for (var constant : constants) {
      words.put(word(constant), constant);
    }
  }

  static <E extends Enum<E>> Choice<E> of(Class<E> type) {
    return new Choice<>(EnumSet.allOf(type));
  }

  static <E extends Enum<E>> Choice<E> without(E excluded) {
    return new Choice<>(EnumSet.complementOf(EnumSet.of(excluded)));
  }

  /** On or off. */
  static boolean yes(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "on", "yes" -> true;
      case "false", "off", "no" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  E parse(String text) {
    var constant = words.get(text.strip().toLowerCase(Locale.ROOT));
    if (constant == null) {
      throw new IllegalArgumentException("unknown word");
    }
    return constant;
  }

  String remedy() {
    return "write one of " + String.join(", ", words.keySet());
  }
}
