package io.nodedb.mem.config;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Amounts of memory as people write them. {@code KiB}, {@code MiB}, {@code GiB} and {@code TiB} are
 * powers of 1024, as are the single letters that the JVM's own flags use; {@code KB}, {@code MB},
 * {@code GB} and {@code TB} are powers of 1000; no unit is bytes. Case does not matter.
 */
public final class Sizes {
  static final String REMEDY = "write a number with a unit, such as 512MiB or 2GiB";

  private static final Pattern SHAPE =
      Pattern.compile("(-?)([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)");
  private static final String[] BINARY = {"TiB", "GiB", "MiB", "KiB"};
  private static final long TEBI = 1L << 40;
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("byte", 1L),
          Map.entry("bytes", 1L),
          Map.entry("k", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("m", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("g", 1L << 30),
          Map.entry("gib", 1L << 30),
          Map.entry("t", TEBI),
          Map.entry("tib", TEBI),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L));

  private Sizes() {}

  /**
   * Reads a size.
   *
   * @param text such as {@code 512MiB}; a fraction of a unit is rounded down to whole bytes
   * @return bytes, 0 or more
   * @throws IllegalArgumentException if it is none; the message says why
   */
  public static long parse(String text) {
    var shape = SHAPE.matcher(text.strip());
    if (!shape.matches()) {
      throw new IllegalArgumentException("not a size");
    }
    var unit = UNITS.get(shape.group(3).toLowerCase(Locale.ROOT));
    if (unit == null) {
      throw new IllegalArgumentException("not a size, unknown unit " + shape.group(3));
    }
    if (!shape.group(1).isEmpty()) {
      throw new IllegalArgumentException("a size cannot be negative");
    }
    var bytes = Amount.times(shape.group(2), unit);
    if (bytes < 0) {
      throw new IllegalArgumentException("more bytes than a 64-bit number can count");
    }
    return bytes;
  }

  /** Reads a size, or a percentage of one. */
  static long parse(String text, long whole) {
    return text.strip().endsWith("%") ? Fractions.of(text, whole) : parse(text);
  }

  /**
   * Writes a size, exactly: in the largest binary unit of which it is a multiple.
   *
   * @param bytes 0 or more
   * @return text that {@link #parse(String)} reads back as the same number
   */
  public static String format(long bytes) {
    var unit = TEBI;
    for (var name : BINARY) {
      if (bytes != 0 && bytes % unit == 0) {
        return bytes / unit + name;
      }
      unit >>= 10;
    }
    return bytes + "B";
  }

  /**
   * Prints a size for people, to four digits.
   *
   * @param bytes the size
   * @return text such as {@code 18.83GiB}; not exact
   */
  public static String human(long bytes) {
    var unit = TEBI;
    for (var name : BINARY) {
      if (bytes >= unit) {
        var hundredths = bytes / (unit / 100.0);
        var rounded = Math.round(hundredths);
        return rounded % 100 == 0
            ? rounded / 100 + name
            : rounded / 100 + "." + (rounded % 100 < 10 ? "0" : "") + rounded % 100 + name;
      }
      unit >>= 10;
    }
    return bytes + "B";
  }
}
