package io.nodedb.mem.blocks;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A group in memory and on disk, in the machine's byte order, at a multiple of 8:
 *
 * <pre>
 *   0  int      low half of the key's hash
 *   4  int      the key's length in bytes
 *   8  bytes    the key, padded with zeros to a multiple of 8
 *   …  long[]   the values
 * </pre>
 */
final class GroupLayout {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  static final int HASH = 0;
  static final int LENGTH = 4;
  static final int KEY = 8;

  private GroupLayout() {}

  static int keyLength(MemorySegment data, long at) {
    return data.get(INT, at + LENGTH);
  }

  static int padded(int keyLength) {
    return (keyLength + Long.BYTES - 1) & -Long.BYTES;
  }

  static long size(int keyLength, int values) {
    return KEY + padded(keyLength) + (long) values * Long.BYTES;
  }

  /** All 64 bits of it are good: partitions are chosen by the high ones, slots by the low ones. */
  static long hash(long[] words, int count, int keyLength) {
    long hash = 0x9E3779B97F4A7C15L * (keyLength + 1);
    for (int i = 0; i < count; i++) {
      hash = (hash ^ words[i]) * 0xBF58476D1CE4E5B9L;
      hash ^= hash >>> 29;
    }
    hash = (hash ^ (hash >>> 32)) * 0x94D049BB133111EBL;
    return hash ^ (hash >>> 31);
  }
}
