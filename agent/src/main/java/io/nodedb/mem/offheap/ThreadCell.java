package io.nodedb.mem.offheap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;

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

  private static final VarHandle HELD = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] held = new long[32];

  /** The thread cache, or -1. */
  final int cache;

  /** Freed blocks at hand; never any in a cell that threads share. The owner's alone. */
  final Magazine magazine;

  /** Written by the owner, when it is pinned to another NUMA node. */
  int place;

  /** What may be kept at hand. Written with each grant, read racily: any value seen was valid. */
  private long most;

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
    this.magazine = common ? Magazine.NONE : Magazine.empty();
    this.cache = cache;
    this.place = place;
    HELD.setVolatile(held, WORD, CLOSED);
  }

  /** Takes bytes that are at hand. Fails as well if somebody else changes them just then. */
  boolean take(long bytes) {
    long now = held[WORD];
    return now >= bytes && HELD.compareAndSet(held, WORD, now, now - bytes);
  }

  /**
   * Puts bytes at hand, unless that is too many or none may be held. Fails as well if somebody else
   * changes them just then.
   */
  boolean keep(long bytes) {
    long now = held[WORD];
    return now >= 0 && now + bytes <= most && HELD.compareAndSet(held, WORD, now, now + bytes);
  }

  /** Puts bytes at hand that were just admitted. */
  void grant(long bytes) {
    most = bytes << 1;
    long now;
    do {
      now = word();
    } while (!HELD.compareAndSet(held, WORD, now, Math.max(now, 0) + bytes));
  }

  /** Gives bytes back, whatever {@link #keep} says. Returns how many have to go to the account. */
  long give(long bytes) {
    long now;
    long kept;
    do {
      now = word();
      if (now < 0) {
        return bytes;
      }
      long all = now + bytes;
      kept = all <= most ? all : Math.min(most >> 1, all);
    } while (!HELD.compareAndSet(held, WORD, now, kept));
    return now + bytes - kept;
  }

  /** Lets nothing be held from now on. Returns what was. */
  long close() {
    return word() < 0 ? 0 : Math.max(0, (long) HELD.getAndSet(held, WORD, CLOSED));
  }

  long unspent() {
    return Math.max(0, word());
  }

  boolean ownerIsGone() {
    Thread owner = get();
    return !common && (owner == null || !owner.isAlive());
  }

  private long word() {
    return (long) HELD.getVolatile(held, WORD);
  }
}
