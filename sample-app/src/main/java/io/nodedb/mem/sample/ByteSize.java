package io.nodedb.mem.sample;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them. */
public final class ByteSize {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*([KMG]?)(I?B?)");

  private ByteSize() {}

  /**
   * Reads a size; K, M and G are powers of 1024, with or without "iB".
   *
   * @param text such as {@code 2GiB}, {@code 512m} or {@code 65536}
   * @return bytes, more than 0
   * @throws IllegalArgumentException if it is not a size
   */
  public static long parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (matcher.matches()) {
      int shift =
          switch (matcher.group(2)) {
            case "K" -> 10;
            case "M" -> 20;
            case "G" -> 30;
            default -> 0;
          };
      long number = Long.parseLong(matcher.group(1));
      if (number > 0 && number <= Long.MAX_VALUE >> shift) {
        return number << shift;
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not a size (expected: a number above 0 with KiB, MiB or GiB)");
  }

  /**
   * Writes a size in MiB.
   *
   * @param bytes the size
   * @return such as {@code 12.3 MiB}, four digits at most before the point
   */
  public static String format(long bytes) {
    double mebibytes = bytes / (double) (1 << 20);
    return String.format(Locale.ROOT, mebibytes < 100 ? "%.1f MiB" : "%.0f MiB", mebibytes);
  }
}
