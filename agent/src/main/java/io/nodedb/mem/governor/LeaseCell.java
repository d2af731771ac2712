package io.nodedb.mem.governor;

import java.lang.ref.PhantomReference;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Bytes granted to a lease, and how many of them are not handed out.
 *
 * <p>{@code granted} is charged to the engine; {@code available <= granted} of it waits here for the
 * next reservation. An open cell serves reservations and takes bytes back by CAS on {@code available}
 * alone. A closed one has no bytes to spare: reservations that hold its lease give bytes back to the
 * engine directly, so that a release near the limit is seen by all at once. Only the cell of a lease
 * that serves a stripe is ever opened again.
 */
final class LeaseCell extends PhantomReference<Lease> {
  private static final long CLOSED = Long.MIN_VALUE;

  /** In the middle of 32 words, so that neighbours on the heap do not share its cache lines. */
  private static final int WORDS = 32;

  final Engine engine;
  final Throwable made;

  /**
   * What may stay at hand. Here, as a release would have to go through engine and limit for it; set
   * while the cell is closed, published by its opening.
   */
  private long keep;

  private final AtomicLongArray available;
  private final int word;
  private final AtomicLong granted = new AtomicLong();

  private final LeaseLeaks leaks;
  private final boolean own;

  LeaseCell(
      Lease lease,
      Engine engine,
      LeaseLeaks leaks,
      Throwable made,
      long keep,
      boolean own) {
    super(lease, leaks.queue());
    this.leaks = leaks;
    this.own = own;
    this.engine = engine;
    this.made = made;
    // A reservation's own cell is not contended, and there may be very many of them.
    this.available = new AtomicLongArray(own ? 1 : WORDS);
    this.word = own ? 0 : WORDS / 2;
    this.keep = keep;
    available.set(word, keep > 0 ? 0 : CLOSED);
    leaks.watch(this);
  }

  /** Takes bytes that are at hand. */
  boolean take(long bytes) {
    long now;
    do {
      now = available.get(word);
      if (now < bytes) {
        return false;
      }
    } while (!available.compareAndSet(word, now, now - bytes));
    return true;
  }

  /** Gives bytes back: keeps some at hand while open, the rest goes to the engine. */
  void give(long bytes) {
    give(bytes, keep);
  }

  private void give(long bytes, long keep) {
    long now;
    long kept;
    do {
      now = available.get(word);
      if (now < 0) {
        toEngine(bytes);
        return;
      }
      kept = now + bytes <= keep ? now + bytes : Math.min(keep >> 1, now + bytes);
    } while (!available.compareAndSet(word, now, kept));
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

  /** Undoes {@link #close}. */
  void open(long newKeep) {
    keep = newKeep;
    available.compareAndSet(word, CLOSED, 0);
  }

  void close() {
    long spare = available.getAndSet(word, CLOSED);
    if (spare > 0) {
      toEngine(spare);
    }
  }

  boolean isClosed() {
    return available.get(word) < 0;
  }

  long unspent() {
    return Math.max(0, available.get(word));
  }

  /** What is charged to the engine for it. */
  long granted() {
    return granted.get();
  }

  /** What is handed out. Exact once nobody holds the lease. */
  long outstanding() {
    return granted.get() - unspent();
  }

  /** A reservation's own lease has served it. */
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
