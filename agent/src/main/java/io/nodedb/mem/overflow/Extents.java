package io.nodedb.mem.overflow;

import java.util.Arrays;

/**
 * A sortable list of extents, one long each: offset and size in units of 16 bytes, 32 bits each,
 * which is why a data file may not pass 32 GiB. Extents of no bytes are left out.
 */
final class Extents {
  /** Most bytes of a data file. */
  static final long MAX_FILE = (long) DataLayout.ALIGNMENT << 31;

  private long[] packed = new long[64];
  private int size;

  void add(long offset, long bytes) {
    if (bytes == 0) {
      return;
    }
    if (size == packed.length) {
      packed = Arrays.copyOf(packed, size * 2);
    }
    packed[size++] = offset / DataLayout.ALIGNMENT << 32 | bytes / DataLayout.ALIGNMENT;
  }

  void addAll(Extents other) {
    for (int i = 0; i < other.size; i++) {
      add(other.offset(i), other.bytes(i));
    }
  }

  void sort() {
    Arrays.sort(packed, 0, size);
  }

  /** Whether an extent starts there. The list must be sorted. */
  boolean contains(long offset) {
    int i = Arrays.binarySearch(packed, 0, size, offset / DataLayout.ALIGNMENT << 32);
    int at = i < 0 ? -i - 1 : i;
    return at < size && offset(at) == offset;
  }

  int size() {
    return size;
  }

  long offset(int i) {
    return (packed[i] >>> 32) * DataLayout.ALIGNMENT;
  }

  long bytes(int i) {
    return (packed[i] & 0xffff_ffffL) * DataLayout.ALIGNMENT;
  }
}
