package io.nodedb.mem.config;

import java.util.Map;
import java.util.regex.Pattern;

/** Spans of time as people write them: a number and a unit. */
final class Durations {
  static final String REMEDY = "write a number with a unit, such as 250ms or 2s";

  private static final Pattern SHAPE =
      Pattern.compile("(-?)([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L);

  private Durations() {}

  /**
   * Reads a duration.
   *
   * @return nanoseconds, 0 or more
   * @throws IllegalArgumentException if it is none; the message says why
   */
  static long parse(String text) {
    var shape = SHAPE.matcher(text.strip());
    if (!shape.matches()) {
      throw new IllegalArgumentException("not a duration");
    }
    if (shape.group(3).isEmpty()) {
      throw new IllegalArgumentException("a duration without a unit");
    }
    var unit = NANOS.get(shape.group(3));
    if (unit == null) {
      throw new IllegalArgumentException("not a duration, unknown unit " + shape.group(3));
    }
    if (!shape.group(1).isEmpty()) {
      throw new IllegalArgumentException("a duration cannot be negative");
    }
    var nanos = Amount.times(shape.group(2), unit);
    if (nanos < 0) {
      throw new IllegalArgumentException("longer than 292 years");
    }
    return nanos;
  }
}
