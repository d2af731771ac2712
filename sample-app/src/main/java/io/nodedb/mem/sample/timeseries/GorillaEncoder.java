package io.nodedb.mem.sample.timeseries;

/**
 * Compresses points as Facebook's Gorilla does (Pelkonen et al., VLDB 2015). Not thread-safe.
 *
 * <p>A time is written as the difference of its distance from the distance before, which is 0 where
 * points come regularly. A value is written as the exclusive or with the value before, of which only
 * the bits between its leading and its trailing zeros are kept. Unlike the paper's, times are 64
 * bits wide and may go anywhere.
 *
 * <pre>
 *   first point   64 bits of time, 64 bits of value
 *   time          0                     difference 0
 *                 10   +  7 bits        -63 .. 64
 *                 110  +  9 bits        -255 .. 256
 *                 1110 + 12 bits        -2047 .. 2048
 *                 1111 + 64 bits        any other
 *   value         0                     the value before
 *                 10   + n bits         the bits that the last window (of n bits) leaves
 *                 11   + 5 + 6 + n bits leading zeros, n (64 as 0), and a new window of n bits
 * </pre>
 */
final class GorillaEncoder {
  /** No point takes more bits. */
  static final int MAX_POINT_BITS = 4 + 64 + 2 + 5 + 6 + 64;

  private static final int MAX_LEADING = 31;

  private final BitBuffer out;
  private int count;
  private long time;
  private long delta;
  private long value;
  private int leading = -1;
  private int width;

  GorillaEncoder(BitBuffer out) {
    this.out = out;
  }

  int count() {
    return count;
  }

  /**
   * Adds a point, if there is room for any point.
   *
   * @param newTime its time
   * @param newValue its value; every bit of it is kept, those of a NaN too
   * @return false if the buffer is full: nothing was written
   */
  boolean add(long newTime, double newValue) {
    if (out.remaining() < MAX_POINT_BITS) {
      return false;
    }
    long bits = Double.doubleToRawLongBits(newValue);
    if (count == 0) {
      out.write(newTime, Long.SIZE);
      out.write(bits, Long.SIZE);
    } else {
      addTime(newTime - time);
      addValue(value ^ bits);
    }
    time = newTime;
    value = bits;
    count++;
    return true;
  }

  private void addTime(long newDelta) {
    long change = newDelta - delta;
    delta = newDelta;
    if (change == 0) {
      out.write(0b0, 1);
    } else if (change >= -63 && change <= 64) {
      out.write(0b10, 2);
      out.write(change + 63, 7);
    } else if (change >= -255 && change <= 256) {
      out.write(0b110, 3);
      out.write(change + 255, 9);
    } else if (change >= -2047 && change <= 2048) {
      out.write(0b1110, 4);
      out.write(change + 2047, 12);
    } else {
      out.write(0b1111, 4);
      out.write(change, Long.SIZE);
    }
  }

  private void addValue(long xor) {
    if (xor == 0) {
      out.write(0b0, 1);
      return;
    }
    int zerosBefore = Math.min(Long.numberOfLeadingZeros(xor), MAX_LEADING);
    int zerosAfter = Long.numberOfTrailingZeros(xor);
    if (leading >= 0 && zerosBefore >= leading && zerosAfter >= Long.SIZE - leading - width) {
      out.write(0b10, 2);
    } else {
      leading = zerosBefore;
      width = Long.SIZE - zerosBefore - zerosAfter;
      out.write(0b11, 2);
      out.write(leading, 5);
      out.write(width, 6);
    }
    out.write(xor >>> Long.SIZE - leading - width, width);
  }
}
