package io.nodedb.mem.offheap;

/**
 * jemalloc's smaller size classes: multiples of 16 up to 128, then four for each doubling. Computed here
 * because a call of {@code nallocx} would cost as much as a fifth of an allocation; compared with it
 * when a library is bound, and not used if they differ.
 */
final class SizeClasses {
  /** Larger blocks than this are allocated in pages, whatever their alignment up to a page. */
  private static final long SMALL_END = 16 << 10;

  /** Alignments beyond are left to the library. */
  static final long MAX_ALIGNMENT = 4096;

  /**
   * Sizes beyond are left to the library: newer ones round them up to pages only, and allocating them
   * takes so long that a call more is lost in it.
   */
  static final long MAX_SIZE = 32 << 10;

  /** Classes up to this one are numbered. */
  static final int LARGEST_NUMBERED = 1 << 10;

  /** More than the greatest number there is. */
  static final int NUMBERS = 32;

  /** By eighths of a size. Longer than it need be, so that no index has to be checked. */
  private static final byte[] NUMBER_OF = new byte[256];

  private static final int[] BYTES_OF = new int[NUMBERS];

  static {
    int number = 0;
    for (int i = 1; i <= LARGEST_NUMBERED >> 3; i++) {
      int bytes = (int) of((long) i << 3);
      number += bytes == BYTES_OF[number] ? 0 : 1;
      BYTES_OF[number] = bytes;
      NUMBER_OF[i] = (byte) number;
    }
  }

  private SizeClasses() {}

  /** Whether a block has a number: up to 1 KiB, aligned to at most 16. One branch for all of it. */
  static boolean numbered(long size, long alignment) {
    return (size - 1 >>> 10 | alignment - 1 >>> 4 | alignment & alignment - 1) == 0;
  }

  /**
   * The number of a small class.
   *
   * @param size of a block that is {@link #numbered}
   * @param alignment its alignment
   * @return 1 to {@link #NUMBERS} less 1
   */
  static int number(long size, long alignment) {
    long aligned = size + alignment - 1 & -alignment;
    return NUMBER_OF[(int) (aligned + 7 >> 3) & NUMBER_OF.length - 1];
  }

  /** The size of a class, 0 for the number 0. */
  static long bytes(int number) {
    return BYTES_OF[number & NUMBERS - 1];
  }

  /** Whether an allocator has the numbered classes. */
  static boolean numbersAgree(NativeHeap heap) {
    for (long alignment = 1; alignment <= 16; alignment <<= 1) {
      for (long size = 1; size <= LARGEST_NUMBERED; size++) {
        if (heap.usable(size, alignment) != bytes(number(size, alignment))) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * The class of a block.
   *
   * @param size 1 to {@link #MAX_SIZE}
   * @param alignment a power of two up to {@link #MAX_ALIGNMENT}
   * @return its size
   */
  static long of(long size, long alignment) {
    long small = of((size + alignment - 1) & -alignment);
    if (small < SMALL_END || alignment <= 16) {
      return small;
    }
    return size <= SMALL_END ? SMALL_END : of(size);
  }

  private static long of(long size) {
    if (size <= 8) {
      return 8;
    }
    int group = 63 - Long.numberOfLeadingZeros((size << 1) - 1);
    long spacing = 1L << (group < 7 ? 4 : group - 3);
    return (size + spacing - 1) & -spacing;
  }
}
