package io.nodedb.mem.offheap;

import java.lang.foreign.MemorySegment;

/**
 * Live blocks by address, for explicit free: the latest block in fields, as many are freed before
 * the next is made; the others in an open-addressing table of two words for each block (address, and
 * size and alignment as in {@link BlockList}), at most half full. Not thread-safe, but for {@link
 * #freeAll}: shared allocators guard the others with the table's monitor.
 *
 * <p>A removal shifts what follows back into the gap, so there are no tombstones to sweep.
 */
final class BlockTable implements LeakWatch.Blocks {
  private static final int SMALLEST = 16;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final EngineHeap heap;
  private long latest;

  /** What was asked for; -1 if there is no latest block. */
  private long latestSize = -1;

  private long latestPacked;
  private long[] words = new long[SMALLEST << 1];
  private int mask = SMALLEST - 1;
  private int count;

  BlockTable(EngineHeap heap) {
    this.heap = heap;
  }

  @Override
  public String engine() {
    return heap.ledger().engine();
  }

  /** Makes room for one more. To be called before each {@link #put}, which cannot fail then. */
  void reserve() {
    if (latestSize >= 0) {
      placeLatest();
    }
  }

  /** Adds a block, packed as in {@link BlockList}. */
  void put(long address, long size, long packed) {
    latest = address;
    latestSize = size;
    latestPacked = packed;
  }

  /**
   * Forgets a block.
   *
   * @return what it was put with
   * @throws IllegalArgumentException if there is no such block of that size
   */
  long remove(MemorySegment block) {
    if ((block.address() ^ latest | block.byteSize() ^ latestSize) == 0) {
      latestSize = -1;
      return latestPacked;
    }
    return removeOther(block);
  }

  private long removeOther(MemorySegment block) {
    int i = find(block.address());
    if (i < 0 || BlockList.size(words[(i << 1) + 1]) != block.byteSize()) {
      throw new IllegalArgumentException(
          "block: " + block + " (expected: a live block of this allocator of engine '" + engine()
              + "'; it may have been freed before, or be a slice)");
    }
    long packed = words[(i << 1) + 1];
    closeGap(i);
    return packed;
  }

  private void placeLatest() {
    if (count << 1 > mask) {
      grow();
    }
    place(latest, latestPacked);
    count++;
    latestSize = -1;
  }

  /** What the blocks are charged with. */
  long charged() {
    long bytes = latestSize < 0 ? 0 : charge(latestPacked);
    for (int i = 0; i < words.length; i += 2) {
      bytes += words[i] == 0 ? 0 : charge(words[i + 1]);
    }
    return bytes;
  }

  /** Frees every block and forgets it. The charge is released as one. */
  @Override
  public synchronized long freeAll() {
    ThreadCell cell = heap.ledger().cell();
    long bytes = 0;
    if (latestSize >= 0) {
      bytes = drop(cell, latest, latestPacked);
      latestSize = -1;
    }
    for (int i = 0; i < words.length && count > 0; i += 2) {
      if (words[i] != 0) {
        bytes += drop(cell, words[i], words[i + 1]);
        words[i] = 0;
        count--;
      }
    }
    heap.ledger().release(cell, bytes);
    return bytes;
  }

  private long drop(ThreadCell cell, long address, long packed) {
    return heap.drop(cell, address, BlockList.size(packed), BlockList.alignment(packed));
  }

  private long charge(long packed) {
    return heap.usable(BlockList.size(packed), BlockList.alignment(packed));
  }

  private int find(long address) {
    for (int i = home(address); ; i = i + 1 & mask) {
      long there = words[i << 1];
      if (there == 0) {
        return -1;
      }
      if (there == address) {
        return i;
      }
    }
  }

  private void closeGap(int at) {
    int gap = at;
    count--;
    for (int i = gap + 1 & mask; words[i << 1] != 0; i = i + 1 & mask) {
      // What is at i may move into the gap unless its home lies between the two.
      if ((i - home(words[i << 1]) & mask) >= (i - gap & mask)) {
        words[gap << 1] = words[i << 1];
        words[(gap << 1) + 1] = words[(i << 1) + 1];
        gap = i;
      }
    }
    words[gap << 1] = 0;
  }

  private void place(long address, long packed) {
    int i = home(address);
    while (words[i << 1] != 0) {
      i = i + 1 & mask;
    }
    words[i << 1] = address;
    words[(i << 1) + 1] = packed;
  }

  private void grow() {
    long[] old = words;
    long[] fresh = new long[old.length << 1];
    mask = (fresh.length >> 1) - 1;
    words = fresh;
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0) {
        place(old[i], old[i + 1]);
      }
    }
  }

  private int home(long address) {
    return (int) (address * GOLDEN >>> 32) & mask;
  }
}
