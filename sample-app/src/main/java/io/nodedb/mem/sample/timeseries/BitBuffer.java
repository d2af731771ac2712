package io.nodedb.mem.sample.timeseries;

/** A run of bits in a part of a byte array, most significant first. Not thread-safe. */
final class BitBuffer {
  private final byte[] bytes;
  private final long end;
  private long at;

  /**
   * Makes one at the start of its part.
   *
   * @param bytes the array
   * @param offset where the part starts, in bytes
   * @param length how long it is, in bytes
   */
  BitBuffer(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.at = (long) offset * Byte.SIZE;
    this.end = (long) (offset + length) * Byte.SIZE;
  }

  long remaining() {
    return end - at;
  }

  /** Bits up to here, from the start of the array. */
  long position() {
    return at;
  }

  /** Writes the lowest {@code count} bits (0 to 64) of a value over what was there. */
  void write(long value, int count) {
    int left = count;
    while (left > 0) {
      int free = Byte.SIZE - (int) (at & 7);
      int take = Math.min(free, left);
      int shift = free - take;
      int mask = (1 << take) - 1 << shift;
      int bits = (int) (value >>> left - take) << shift & mask;
      int index = (int) (at >>> 3);
      bytes[index] = (byte) (bytes[index] & ~mask | bits);
      at += take;
      left -= take;
    }
  }

  /** Reads {@code count} bits (0 to 64) into the lowest ones of the result. */
  long read(int count) {
    long value = 0;
    int left = count;
    while (left > 0) {
      int there = Byte.SIZE - (int) (at & 7);
      int take = Math.min(there, left);
      int bits = bytes[(int) (at >>> 3)] >>> there - take & (1 << take) - 1;
      value = value << take | bits;
      at += take;
      left -= take;
    }
    return value;
  }
}
