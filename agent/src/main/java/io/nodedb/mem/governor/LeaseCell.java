package io.nodedb.mem.governor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.PhantomReference;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes granted to a lease, and how many of them are not handed out.
 *
 * <p>{@code granted} is charged to the engine; {@code available <= granted} of it waits here for the
 * next reservation. An open cell serves reservations and takes bytes back by CAS on {@code available}
 * alone. A closed one has no bytes to spare: reservations that hold its lease give bytes back to the
 * engine directly, so that a release near the limit is seen by all at once. Only the cell of a lease
 * that serves a stripe is ever opened again.
 */
class LeaseCell extends PhantomReference<Lease> {
  private static final long CLOSED = Long.MIN_VALUE;
  private static final VarHandle AVAILABLE;

  static {
    try {
      AVAILABLE = MethodHandles.lookup().findVarHandle(LeaseCell.class, "available", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What may be taken, or {@link #CLOSED}. A field: an array would cost a load and a check each. */
  private volatile long available;

  final Engine engine;
  final Throwable made;

  /**
   * What may stay at hand. Here, as a release would have to go through engine and limit for it; set
   * while the cell is closed, published by its opening.
   */
  private long keep;

  private final AtomicLong granted = new AtomicLong();

  private final LeaseLeaks leaks;
  private final boolean own;

  private LeaseCell(
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
    this.keep = keep;
    available = keep > 0 ? 0 : CLOSED;
  }

  /** For one reservation. There may be very many, and none is contended: no padding. */
  static LeaseCell own(Lease lease, Engine engine, LeaseLeaks leaks, Throwable made) {
    return watched(new LeaseCell(lease, engine, leaks, made, 0, true));
  }

  /** For a stripe of threads; open if it may keep anything at hand. */
  static LeaseCell shared(
      Lease lease, Engine engine, LeaseLeaks leaks, Throwable made, long keep) {
    return watched(new Padded(lease, engine, leaks, made, keep));
  }

  private static LeaseCell watched(LeaseCell cell) {
    cell.leaks.watch(cell);
    return cell;
  }

  /** Takes bytes that are at hand. */
  final boolean take(long bytes) {
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
  void give(long bytes) {
    give(bytes, keep);
  }

  private void give(long bytes, long keep) {
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
    AVAILABLE.compareAndSet(this, CLOSED, 0L);
  }

  void close() {
    long spare = (long) AVAILABLE.getAndSet(this, CLOSED);
    if (spare > 0) {
      toEngine(spare);
    }
  }

  boolean isClosed() {
    return available < 0;
  }

  long unspent() {
    return Math.max(0, available);
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

  /**
   * With 128 bytes behind it, so that two stripes' cells share neither a cache line nor the pair of
   * lines that is prefetched together. Before the word are fields that are hardly ever written.
   */
  private static final class Padded extends LeaseCell {
    @SuppressWarnings("unused")
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15;

    Padded(Lease lease, Engine engine, LeaseLeaks leaks, Throwable made, long keep) {
      super(lease, engine, leaks, made, keep, false);
    }
  }
}
