package io.nodedb.mem.overflow;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Places in the data file. A request takes the smallest free extent that holds it (of equals the
 * one nearest to the start), else the end moves on. Freed extents are joined with free neighbours,
 * and one that reaches the end moves the end back, so freeing everything gives everything back.
 * O(log free extents). Not thread-safe; guarded by the region's lock. Sizes are multiples of 16.
 */
final class ExtentAllocator {
  /** No room below the limit. */
  static final long NONE = -1;

  private record Extent(long size, long offset) {}

  private final TreeMap<Long, Long> byOffset = new TreeMap<>();
  private final TreeSet<Extent> bySize =
      new TreeSet<>(Comparator.comparingLong(Extent::size).thenComparingLong(Extent::offset));
  private long end;
  private long freeBytes;

  /** An allocator whose first extent starts at an offset. */
  ExtentAllocator(long start) {
    this.end = start;
  }

  /** Takes an extent below the limit, or {@link #NONE}. */
  long allocate(long size, long limit) {
    if (size == 0) {
      return 0;
    }
    Extent best = bySize.ceiling(new Extent(size, 0));
    if (best != null) {
      remove(best.offset(), best.size());
      if (best.size() > size) {
        add(best.offset() + size, best.size() - size);
      }
      return best.offset();
    }
    if (size > limit - end) {
      return NONE;
    }
    long offset = end;
    end += size;
    return offset;
  }

  /** Gives an extent back. */
  void free(long offset, long size) {
    if (size == 0) {
      return;
    }
    long from = offset;
    long to = offset + size;
    Map.Entry<Long, Long> before = byOffset.floorEntry(offset);
    if (before != null && before.getKey() + before.getValue() == offset) {
      from = before.getKey();
      remove(from, before.getValue());
    }
    Long after = byOffset.get(to);
    if (after != null) {
      remove(to, after);
      to += after;
    }
    if (to == end) {
      end = from;
    } else {
      add(from, to - from);
    }
  }

  /** Moves the end on over a gap that becomes free: for rebuilding in order of offsets. */
  void skipTo(long offset) {
    if (offset > end) {
      add(end, offset - end);
      end = offset;
    }
  }

  /** Takes [end, end + size): for rebuilding in order of offsets. */
  void take(long size) {
    end += size;
  }

  /** Where the part that was ever used ends. */
  long end() {
    return end;
  }

  /** Bytes of free extents before the end. */
  long freeBytes() {
    return freeBytes;
  }

  /** Number of free extents before the end. */
  int freeExtents() {
    return bySize.size();
  }

  private void add(long offset, long size) {
    byOffset.put(offset, size);
    bySize.add(new Extent(size, offset));
    freeBytes += size;
  }

  private void remove(long offset, long size) {
    byOffset.remove(offset);
    bySize.remove(new Extent(size, offset));
    freeBytes -= size;
  }
}
