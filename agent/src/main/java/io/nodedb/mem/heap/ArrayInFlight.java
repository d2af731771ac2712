package io.nodedb.mem.heap;

import io.nodedb.mem.governor.LedgerKind;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a gate has admitted for an array that its thread is about to allocate. Written by the owner;
 * taken by its samples, by the next gate or exit or, if the owner does not come by for a while, by the
 * gatherer.
 */
final class ArrayInFlight {
  private static final int ENGINE_BITS = 8;
  private static final int MOST_ENGINES = (1 << ENGINE_BITS) - 1;

  /** Bytes that may stay charged beyond those of the array, so that the next needs no charge. */
  private static final int SPARE = 64 << 10;

  private final HeapScopes heap;

  /** Bytes, above the engine they are charged to. */
  private final AtomicLong word = new AtomicLong();

  private int gates;

  /** What the gatherer saw of {@link #gates}. */
  private int gatesSeen;

  ArrayInFlight(HeapScopes heap) {
    this.heap = heap;
  }

  /** The engine has been charged. For the owner, after {@link #land}. */
  void admitted(int engine, long bytes) {
    gates++;
    word.set(bytes << ENGINE_BITS | engine);
  }

  /**
   * Whether what was admitted for the last array does for the next, which has been allocated meanwhile
   * and is in the ledger by other means. Most arrays that pass gates are buffers of one size or about
   * it: charging and releasing each would be half the cost of a gate. For the owner.
   */
  boolean covers(int engine, long bytes) {
    long now = word.get();
    long spare = (now >>> ENGINE_BITS) - bytes;
    if (now == 0 || ((int) now & MOST_ENGINES) != engine || spare < 0 || spare > SPARE) {
      return false;
    }
    gates++;
    return true;
  }

  /**
   * A sample is about to be charged: what was admitted for the array goes over to it, and need not be
   * charged again. Without that an array would be counted twice until the thread's next gate, and a
   * large one would carry use past a limit that had room for it once. For the owner, in a callback.
   *
   * @return how many of the bytes are charged already
   */
  long arrived(int to, long bytes) {
    long now = word.get();
    if (now == 0 || ((int) now & MOST_ENGINES) != to) {
      return 0;
    }
    long there = Math.min(now >>> ENGINE_BITS, bytes);
    long left = now - (there << ENGINE_BITS);
    return word.compareAndSet(now, left >>> ENGINE_BITS == 0 ? 0 : left) ? there : 0;
  }

  /** Adds what is not yet in the ledger, for each engine by its id. A racy read. */
  void addTo(long[] engines) {
    long now = word.get();
    if (now != 0) {
      engines[(int) now & MOST_ENGINES] += now >>> ENGINE_BITS;
    }
  }

  /** The array has been allocated, and is in the ledger by other means. */
  void land() {
    long now = word.get();
    if (now != 0 && word.compareAndSet(now, 0)) {
      heap.engine((int) now & MOST_ENGINES).release(LedgerKind.HEAP, now >>> ENGINE_BITS);
    }
  }

  /** Lands for an owner that has passed no gate since the last time. Under the gatherer's monitor. */
  void landStale() {
    int now = gates;
    if (now == gatesSeen) {
      land();
    }
    gatesSeen = now;
  }
}
