package io.nodedb.mem.mapped;

/** Where windows lie in a file: at multiples of the window size. Immutable. */
final class WindowGrid {
  /** Bytes of a whole window. */
  final long size;

  private final int shift;

  /** A mapping to be made. */
  record Place(long start, long bytes, boolean span) {}

  /**
   * Makes one.
   *
   * @param settings the window size, rounded up to whole pages, or down to the budget if that is
   *     smaller
   */
  WindowGrid(MappingSettings settings) {
    long wanted = up(settings.windowSize());
    long budget = settings.budget() / LibC.PAGE * LibC.PAGE;
    this.size = budget > 0 ? Math.min(wanted, budget) : wanted;
    this.shift = Long.bitCount(size) == 1 ? Long.numberOfTrailingZeros(size) : -1;
  }

  /** Rounds up to whole pages. */
  static long up(long bytes) {
    return Math.max(LibC.PAGE, (bytes + LibC.PAGE - 1) / LibC.PAGE * LibC.PAGE);
  }

  long index(long offset) {
    return shift >= 0 ? offset >>> shift : offset / size; // the usual size needs no division
  }

  /**
   * Chooses the mapping for a range: the window it lies in, as far as the file goes; or, across a
   * boundary, a span of just the pages it needs.
   *
   * @param end the file's size once the range is within it
   * @param growing whether a smaller window is being replaced: then by at least twice the size, so
   *     that a file that grows in small steps is not mapped anew at each
   */
  Place place(long offset, long length, long end, boolean growing) {
    long start = index(offset) * size;
    if (offset + length <= start + size) {
      long need = Math.min(size, up(end - start));
      if (growing && need < size) {
        need = Math.min(size, Math.max(LibC.PAGE, Long.highestOneBit(need - 1) << 1));
      }
      return new Place(start, need, false);
    }
    return pages(offset, length, LibC.PAGE, end);
  }

  /**
   * The mapping of a range and what lies around it.
   *
   * @param grain bytes, whole pages: its beginning and its size are multiples, as far as the file
   *     goes
   * @param end the file's size once the range is within it
   */
  Place pages(long offset, long length, long grain, long end) {
    long from = offset / grain * grain;
    long bytes = (offset + length - from + grain - 1) / grain * grain;
    return new Place(from, Math.min(bytes, up(end - from)), true);
  }
}
