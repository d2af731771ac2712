package io.nodedb.mem.config;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A decimal number times a whole one, exact and rounded down. Whole numbers, which nearly all
 * configurations hold, never touch {@link BigDecimal}: loading it took 25 ms of an agent's start.
 */
final class Amount {
  private static final int DIGITS_THAT_FIT = 18;

  private Amount() {}

  /**
   * Multiplies.
   *
   * @param digits an unsigned decimal number
   * @param factor 0 or more
   * @return the product; -1 if it does not fit
   */
  static long times(String digits, long factor) {
    if (!isWhole(digits)) {
      return timesDecimal(digits, factor);
    }
    var number = Long.parseLong(digits);
    return Math.multiplyHigh(number, factor) == 0 && number * factor >= 0 ? number * factor : -1;
  }

  /**
   * Takes a percentage.
   *
   * @param percents an unsigned decimal number, at most 100
   * @param whole 0 or more
   * @return so many hundredths of the whole
   */
  static long percent(String percents, long whole) {
    if (!isWhole(percents)) {
      return new BigDecimal(percents)
          .multiply(BigDecimal.valueOf(whole))
          .movePointLeft(2)
          .setScale(0, RoundingMode.DOWN)
          .longValueExact();
    }
    var hundredths = Long.parseLong(percents);
    return whole / 100 * hundredths + whole % 100 * hundredths / 100;
  }

  private static boolean isWhole(String digits) {
    return digits.length() <= DIGITS_THAT_FIT && digits.indexOf('.') < 0;
  }

  private static long timesDecimal(String digits, long factor) {
    var product = new BigDecimal(digits).multiply(BigDecimal.valueOf(factor));
    return product.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? -1
        : product.setScale(0, RoundingMode.DOWN).longValueExact();
  }
}
