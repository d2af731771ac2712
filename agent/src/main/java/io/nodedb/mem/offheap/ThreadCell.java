package io.nodedb.mem.offheap;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One thread's dealings with one engine's native memory: bytes of the budget held ahead of use, and
 * the allocator's arena and thread cache to use.
 *
 * <p>{@code held} is moved by CAS, as anybody may recall it; in the common case only the owner does,
 * and the cache line stays with its core. Virtual threads share cells, without a thread cache.
 */
final class ThreadCell extends WeakReference<Thread> {
  private static final long CLOSED = Long.MIN_VALUE;

  /** In the middle of 32 words, so that neighbours on the heap do not share its cache lines. */
  private static final int WORD = 16;

  private final AtomicLongArray held = new AtomicLongArray(32);

  /** The thread cache, or -1. */
  final int cache;

  /** Freed blocks at hand; null in a cell that threads share. The owner's alone. */
  final Magazine magazine;

  /** Written by the owner, when it is pinned to another NUMA node. */
  int place;

  /** What may be kept at hand. Written with each grant, read racily: any value seen was valid. */
  private long keep;

  /** Whether the cell is no single thread's. */
  private final boolean common;

  /**
   * Makes a cell that holds nothing.
   *
   * @param owner the thread, or null for a cell that threads share
   */
  ThreadCell(Thread owner, int cache, int place) {
    super(owner);
    this.common = owner == null;
    this.magazine = common ? null : new Magazine();
    this.cache = cache;
    this.place = place;
    held.set(WORD, CLOSED);
  }

  /** Takes bytes that are at hand. */
  boolean take(long bytes) {
    long now;
    do {
      now = held.getPlain(WORD);
      if (now < bytes) {
        return false;
      }
    } while (!held.compareAndSet(WORD, now, now - bytes));
    return true;
  }

  /** Puts bytes at hand that were just admitted. */
  void grant(long bytes) {
    keep = bytes << 1;
    long now;
    do {
      now = held.get(WORD);
    } while (!held.compareAndSet(WORD, now, Math.max(now, 0) + bytes));
  }

  /** Gives bytes back. Returns how many of them have to go to the account. */
  long give(long bytes) {
    long now;
    long kept;
    do {
      now = held.getPlain(WORD);
      if (now < 0) {
        return bytes;
      }
      long all = now + bytes;
      kept = all <= keep ? all : Math.min(keep >> 1, all);
    } while (!held.compareAndSet(WORD, now, kept));
    return now + bytes - kept;
  }

  /** Lets nothing be held from now on. Returns what was. */
  long close() {
    long now = held.get(WORD);
    return now < 0 ? 0 : Math.max(0, held.getAndSet(WORD, CLOSED));
  }

  long unspent() {
    return Math.max(0, held.get(WORD));
  }

  boolean ownerIsGone() {
    Thread owner = get();
    return !common && (owner == null || !owner.isAlive());
  }
}
