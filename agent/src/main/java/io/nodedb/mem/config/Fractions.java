package io.nodedb.mem.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** Percentages as people write them: a number from 0 to 100 and a percent sign. */
final class Fractions {
  static final String REMEDY = "write a percentage, such as 85%";

  private static final Pattern SHAPE = Pattern.compile("(-?[0-9]+(?:\\.[0-9]+)?)\\s*%");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private Fractions() {}

  /**
   * Reads a percentage.
   *
   * @return a fraction from 0 to 1
   * @throws IllegalArgumentException if it is none; the message says why
   */
  static double parse(String text) {
    return percents(text).movePointLeft(2).doubleValue();
  }

  /** Reads a percentage and takes so much of the whole, rounded down to whole bytes. */
  static long of(String text, long whole) {
    return percents(text)
        .multiply(BigDecimal.valueOf(whole))
        .divide(HUNDRED, 0, RoundingMode.DOWN)
        .longValueExact();
  }

  private static BigDecimal percents(String text) {
    var shape = SHAPE.matcher(text.strip());
    if (!shape.matches()) {
      throw new IllegalArgumentException("not a percentage");
    }
    var percents = new BigDecimal(shape.group(1));
    if (percents.signum() < 0) {
      throw new IllegalArgumentException("a percentage cannot be negative");
    }
    if (percents.compareTo(HUNDRED) > 0) {
      throw new IllegalArgumentException("over 100%");
    }
    return percents;
  }
}
