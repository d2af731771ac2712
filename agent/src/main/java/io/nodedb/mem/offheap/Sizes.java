package io.nodedb.mem.offheap;

/** What may be asked of an arena. */
final class Sizes {
  /** No process has more address space. Keeps sums of sizes and alignments far from overflow. */
  private static final long MAX = 1L << 47;

  private Sizes() {}

  /** Checks the arguments of an allocation. */
  static void check(long size, long alignment) {
    if (size < 0) {
      throw new IllegalArgumentException("byteSize: " + size + " (expected: 0 or more)");
    }
    if (alignment <= 0 || (alignment & alignment - 1) != 0) {
      throw new IllegalArgumentException(
          "byteAlignment: " + alignment + " (expected: a power of two)");
    }
    if (size > MAX || alignment > MAX) {
      throw new OutOfMemoryError(
          size + " bytes of native memory aligned to " + alignment + ": more than a process can have");
    }
  }
}
