package io.nodedb.mem.overflow;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A set of numbers from 0 to 2^28 - 1 that costs nothing until it is used, so that making one does
 * not grow with what it may hold. Lock-free.
 */
final class LazyBits {
  private static final int CHUNK_BITS = 15;
  private static final int CHUNKS = (SlotId.MAX_INDEX >>> CHUNK_BITS) + 1;

  private final AtomicReference<AtomicReferenceArray<AtomicLongArray>> chunks =
      new AtomicReference<>();

  boolean get(int bit) {
    AtomicReferenceArray<AtomicLongArray> all = chunks.get();
    AtomicLongArray chunk = all == null ? null : all.get(bit >>> CHUNK_BITS);
    return chunk != null && (chunk.get(word(bit)) & 1L << bit) != 0;
  }

  void set(int bit) {
    AtomicReferenceArray<AtomicLongArray> all = chunks.get();
    if (all == null) {
      chunks.compareAndSet(null, new AtomicReferenceArray<>(CHUNKS));
      all = chunks.get();
    }
    AtomicLongArray chunk = all.get(bit >>> CHUNK_BITS);
    if (chunk == null) {
      all.compareAndSet(bit >>> CHUNK_BITS, null, new AtomicLongArray(1 << (CHUNK_BITS - 6)));
      chunk = all.get(bit >>> CHUNK_BITS);
    }
    chunk.getAndUpdate(word(bit), word -> word | 1L << bit);
  }

  private static int word(int bit) {
    return (bit & (1 << CHUNK_BITS) - 1) >>> 6;
  }
}
