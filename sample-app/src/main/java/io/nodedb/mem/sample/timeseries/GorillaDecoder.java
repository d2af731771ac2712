package io.nodedb.mem.sample.timeseries;

/** Reads what {@link GorillaEncoder} wrote, point by point. Not thread-safe. */
final class GorillaDecoder {
  private final BitBuffer in;
  private int left;
  private boolean first = true;
  private long time;
  private long delta;
  private long value;
  private int leading;
  private int width;

  /**
   * Makes one before the first point.
   *
   * @param in where the points are
   * @param count how many there are
   */
  GorillaDecoder(BitBuffer in, int count) {
    this.in = in;
    this.left = count;
  }

  /** Goes to the next point; false if there is none. */
  boolean next() {
    if (left == 0) {
      return false;
    }
    left--;
    if (first) {
      first = false;
      time = in.read(Long.SIZE);
      value = in.read(Long.SIZE);
    } else {
      delta += change();
      time += delta;
      value ^= xor();
    }
    return true;
  }

  long time() {
    return time;
  }

  double value() {
    return Double.longBitsToDouble(value);
  }

  private long change() {
    if (in.read(1) == 0) {
      return 0;
    } else if (in.read(1) == 0) {
      return in.read(7) - 63;
    } else if (in.read(1) == 0) {
      return in.read(9) - 255;
    } else if (in.read(1) == 0) {
      return in.read(12) - 2047;
    }
    return in.read(Long.SIZE);
  }

  private long xor() {
    if (in.read(1) == 0) {
      return 0;
    }
    if (in.read(1) == 1) {
      leading = (int) in.read(5);
      width = (int) in.read(6);
      if (width == 0) {
        width = Long.SIZE;
      }
    }
    return in.read(width) << Long.SIZE - leading - width;
  }
}
