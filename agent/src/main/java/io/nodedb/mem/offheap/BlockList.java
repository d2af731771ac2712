package io.nodedb.mem.offheap;

import java.util.Arrays;

/**
 * Blocks to be freed all at once: 16 bytes of heap for each, and no object for an arena's first
 * block. Not thread-safe, but for {@link #freeAll}: shared
 * arenas guard the others with the list's monitor.
 *
 * <p>A block is two words: its address, and packed into one its size (48 bits), the number of its
 * class if threads keep such blocks at hand (5 bits) and the logarithm of its alignment (6 bits).
 */
final class BlockList implements LeakWatch.Blocks {
  private static final int NUMBER_AT = 48;
  private static final int ALIGNMENT_AT = 58;
  private static final long[] NONE = {};

  private final EngineHeap heap;
  private long firstAddress;
  private long firstSize;
  private long[] others = NONE;
  private int end;

  BlockList(EngineHeap heap) {
    this.heap = heap;
  }

  @Override
  public String engine() {
    return heap.ledger().engine();
  }

  /** Makes room for one more, so that {@link #add} cannot fail. */
  void reserve() {
    if (firstAddress != 0 && end == others.length) {
      others = Arrays.copyOf(others, Math.max(16, end << 1));
    }
  }

  void add(long address, long size, long alignment) {
    long packed = pack(size, alignment, 0);
    if (firstAddress == 0) {
      firstAddress = address;
      firstSize = packed;
    } else {
      others[end] = address;
      others[end + 1] = packed;
      end += 2;
    }
  }

  /** Frees every block and forgets it. The charge is released as one. */
  @Override
  public synchronized long freeAll() {
    if (firstAddress == 0) {
      return 0;
    }
    ThreadCell cell = heap.ledger().cell();
    long bytes = drop(cell, firstAddress, firstSize);
    for (int i = 0; i < end; i += 2) {
      bytes += drop(cell, others[i], others[i + 1]);
    }
    firstAddress = 0;
    others = NONE;
    end = 0;
    heap.ledger().release(cell, bytes);
    return bytes;
  }

  static long pack(long size, long alignment, int number) {
    return size
        | (long) number << NUMBER_AT
        | (long) Long.numberOfTrailingZeros(alignment) << ALIGNMENT_AT;
  }

  static long size(long packed) {
    return packed & (1L << NUMBER_AT) - 1;
  }

  static int number(long packed) {
    return (int) (packed >>> NUMBER_AT) & SizeClasses.NUMBERS - 1;
  }

  static long alignment(long packed) {
    return 1L << (packed >>> ALIGNMENT_AT);
  }

  private long drop(ThreadCell cell, long address, long packed) {
    return heap.drop(cell, address, size(packed), alignment(packed));
  }
}
