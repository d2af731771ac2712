package io.nodedb.mem.governor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * Bytes that are charged to an engine ({@link LeaseCell#granted}), and how many of them are not handed
 * out. Reservations made from a lease, and the stripe it serves, hold it. When none does any more,
 * what its cell still counts has leaked: it is closed before a stripe lets it go.
 *
 * <p>An open lease serves reservations and takes bytes back by itself: its owner's from what is the
 * owner's alone ({@link OwnerBytes}), those of others by CAS on {@code available}, where an owner without
 * any finds what others gave back. A closed one has no bytes to spare: reservations give bytes back to
 * the engine directly, so that a release near the limit is seen by all at once. Only a lease that serves a stripe is ever opened again.
 */
class Lease extends OwnerBytes {
  private static final long CLOSED = Long.MIN_VALUE;
  private static final VarHandle AVAILABLE;

  static {
    try {
      AVAILABLE = MethodHandles.lookup().findVarHandle(Lease.class, "available", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * What may be taken, or {@link #CLOSED}. A field of this object: one of the cell, or an array, would
   * cost every reservation a load more, right before and right behind a CAS.
   */
  private volatile long available;

  /**
   * What may stay at hand. Here, as a release would have to go through engine and limit for it; set
   * while the lease is closed, published by its opening.
   */
  private long keep;

  final LeaseCell cell;
  private final boolean own;

  /**
   * How many reservations it did not serve from what was at hand. Counted without care, as threads
   * may share a stripe; off the fast path, as that would be one more contended word.
   */
  int refills;

  private Lease(Engine engine, LeaseLeaks leaks, long keep, boolean own, Thread owner) {
    super(owner, keep > 0);
    this.keep = keep;
    this.own = own;
    available = keep > 0 ? 0 : CLOSED;
    cell = LeaseCell.of(this, engine, leaks);
  }

  /**
   * For a stripe of threads, of which the one that asks for it is the owner if it can be; open if it
   * may keep anything at hand.
   */
  static Lease shared(Engine engine, LeaseLeaks leaks, long keep) {
    Thread thread = Thread.currentThread();
    return new Padded(engine, leaks, keep, mayOwn(thread) ? thread : null);
  }

  /** For one reservation. There may be very many, and none is contended: no padding behind. */
  static Lease own(Engine engine, LeaseLeaks leaks) {
    return new Lease(engine, leaks, 0, true, null);
  }

  /** Takes bytes that are at hand. */
  final boolean take(long bytes) {
    return takeOwn(bytes) || takeShared(bytes);
  }

  private boolean takeShared(long bytes) {
    long now;
    do {
      now = available;
      if (now < bytes) {
        return false;
      }
    } while (!AVAILABLE.compareAndSet(this, now, now - bytes));
    return true;
  }

  /** Gives bytes back: keeps some at hand while open, the rest goes to the engine. */
  final void give(long bytes) {
    give(bytes, keep);
  }

  private void give(long bytes, long keep) {
    if (!giveOwn(bytes, keep)) {
      giveShared(bytes, keep);
    }
  }

  private void giveShared(long bytes, long keep) {
    long now;
    long kept;
    do {
      now = available;
      if (now < 0) {
        toEngine(bytes);
        return;
      }
      kept = now + bytes <= keep ? now + bytes : Math.min(keep >> 1, now + bytes);
    } while (!AVAILABLE.compareAndSet(this, now, kept));
    if (now + bytes > kept) {
      toEngine(now + bytes - kept);
    }
  }

  /** Adds bytes just admitted, of which {@code spare} are at hand from now on. */
  final void grant(long bytes, long spare) {
    cell.grant(bytes);
    if (spare > 0) {
      give(spare, Long.MAX_VALUE);
    }
  }

  /** Undoes {@link #close}. */
  final synchronized void open(long newKeep) {
    keep = newKeep;
    AVAILABLE.compareAndSet(this, CLOSED, 0L);
    openOwn();
  }

  /** When it returns, nothing is at hand, if another thread closes it too as well. */
  final void close() {
    if (isClosed()) {
      return;
    }
    long spare;
    synchronized (this) {
      spare = Math.max(0, (long) AVAILABLE.getAndSet(this, CLOSED)) + sweep();
    }
    if (spare > 0) {
      toEngine(spare);
    }
  }

  /** Else it can be opened, also where its owner's bytes could not be taken back when it was closed. */
  final boolean isOpen() {
    return available >= 0;
  }

  final boolean isClosed() {
    return available < 0 && isSwept();
  }

  final long unspent() {
    return Math.max(0, available) + ownUnspent();
  }

  /** What is handed out. Exact once nobody else uses it. */
  final long outstanding() {
    return cell.granted() - unspent();
  }

  /** The reservation that it served alone has ended. */
  final void released() {
    if (own) {
      cell.unwatch();
    }
  }

  private void toEngine(long bytes) {
    cell.toEngine(bytes);
    // Until here the lease was in use: its cell must not be taken for leaked.
    Reference.reachabilityFence(this);
  }

  /**
   * With 128 bytes behind it, so that two stripes' leases share neither a cache line nor the pair of
   * lines that is prefetched together. Beside the word are fields that are hardly ever written.
   */
  private static final class Padded extends Lease {
    @SuppressWarnings("unused")
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15;

    Padded(Engine engine, LeaseLeaks leaks, long keep, Thread owner) {
      super(engine, leaks, keep, false, owner);
    }
  }
}
