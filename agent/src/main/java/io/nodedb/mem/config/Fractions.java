package io.nodedb.mem.config;

import java.util.regex.Pattern;

/** Percentages as people write them: a number from 0 to 100 and a percent sign. */
final class Fractions {
  static final String REMEDY = "write a percentage, such as 85%";

  private static final Pattern SHAPE = Pattern.compile("(-?[0-9]+(?:\\.[0-9]+)?)\\s*%");

  private Fractions() {}

  /**
   * Reads a percentage.
   *
   * @return a fraction from 0 to 1
   * @throws IllegalArgumentException if it is none; the message says why
   */
  static double parse(String text) {
    return Double.parseDouble(percents(text)) / 100;
  }

  /** Reads a percentage and takes so much of the whole, rounded down to whole bytes. */
  static long of(String text, long whole) {
    return Amount.percent(percents(text), whole);
  }

  /** The digits before the sign, checked. */
  private static String percents(String text) {
    var shape = SHAPE.matcher(text.strip());
    if (!shape.matches()) {
      throw new IllegalArgumentException("not a percentage");
    }
    var percents = shape.group(1);
    if (percents.startsWith("-")) {
      throw new IllegalArgumentException("a percentage cannot be negative");
    }
    if (Double.parseDouble(percents) > 100) {
      throw new IllegalArgumentException("over 100%");
    }
    return percents;
  }
}
