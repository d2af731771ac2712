package io.nodedb.mem.governor;

import java.lang.ref.PhantomReference;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Bytes granted to a lease, and how many of them are not handed out.
 *
 * <p>{@code granted} is charged to the engine; {@code available <= granted} of it waits here for the
 * next reservation. An open cell serves reservations and takes bytes back by CAS on {@code available}
 * alone. A closed one has no bytes to spare, for good: reservations that hold its lease give bytes
 * back to the engine directly, so that a release near the limit is seen by all at once.
 */
final class LeaseCell extends PhantomReference<Lease> {
  private static final long CLOSED = Long.MIN_VALUE;

  /** In the middle of 32 words, so that neighbours on the heap do not share its cache lines. */
  private static final int WORD = 16;

  final Engine engine;
  final Throwable made;

  private final AtomicLongArray available = new AtomicLongArray(32);
  private final AtomicLong granted = new AtomicLong();

  private final LeaseLeaks leaks;
  private final boolean own;

  LeaseCell(
      Lease lease,
      Engine engine,
      LeaseLeaks leaks,
      Throwable made,
      boolean open,
      boolean own) {
    super(lease, leaks.queue());
    this.leaks = leaks;
    this.own = own;
    this.engine = engine;
    this.made = made;
    available.set(WORD, open ? 0 : CLOSED);
    leaks.watch(this);
  }

  /** Takes bytes that are at hand. */
  boolean take(long bytes) {
    long now;
    do {
      now = available.get(WORD);
      if (now < bytes) {
        return false;
      }
    } while (!available.compareAndSet(WORD, now, now - bytes));
    return true;
  }

  /** Gives bytes back: keeps up to {@code keep} at hand while open, the rest goes to the engine. */
  void give(long bytes, long keep) {
    long now;
    long kept;
    do {
      now = available.get(WORD);
      if (now < 0) {
        toEngine(bytes);
        return;
      }
      kept = now + bytes <= keep ? now + bytes : Math.min(keep >> 1, now + bytes);
    } while (!available.compareAndSet(WORD, now, kept));
    if (now + bytes > kept) {
      toEngine(now + bytes - kept);
    }
  }

  /** Adds bytes just admitted, of which {@code spare} are at hand from now on. */
  void grant(long bytes, long spare) {
    granted.addAndGet(bytes);
    if (spare > 0) {
      give(spare, Long.MAX_VALUE);
    }
  }

  /** Bytes that moved to another engine. */
  void forget(long bytes) {
    granted.addAndGet(-bytes);
  }

  void close() {
    long spare = available.getAndSet(WORD, CLOSED);
    if (spare > 0) {
      toEngine(spare);
    }
  }

  boolean isClosed() {
    return available.get(WORD) < 0;
  }

  long unspent() {
    return Math.max(0, available.get(WORD));
  }

  /** What is handed out. Exact once nobody holds the lease. */
  long outstanding() {
    return granted.get() - unspent();
  }

  /** A lease of its own has served its reservation. */
  void released() {
    if (own) {
      leaks.unwatch(this);
    }
  }

  private void toEngine(long bytes) {
    granted.addAndGet(-bytes);
    engine.subtract(LedgerKind.RESERVED, bytes);
  }
}
