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

  private SizeClasses() {}

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
