package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reservations of one engine.
 *
 * <p>Two threads that move one counter cost each other 50 ns an operation; so each stripe of threads
 * has a lease: some bytes admitted ahead, from which small reservations are served, those of the thread
 * that owns it without an atomic instruction. What leases hold ahead counts as used for admission, so the
 * bounds hold; it is taken back before anything is refused. Near a bound there is no holding ahead: every reservation
 * and release then goes to the engine's counter, and those who wait hear of it.
 *
 * <p>While a request meets a bound it pauses the leases concerned ({@link Recall}): none holds
 * anything ahead then. A thread that opens a lease looks for a pause after, the one who pauses looks
 * for open leases after, so one of the two sees the other.
 *
 * <p>A stripe gets a new lease now and then, so that leaks show up (see {@link LeaseLeaks}).
 * Reservations of {@value #LARGE} bytes and more have a lease each.
 */
final class Leases {
  static final int LARGE = 64 << 10;
  private static final int REFILLS = 4096;
  private static final long CHUNK = 128 << 10;
  private static final int STRIPES =
      Integer.highestOneBit(Math.clamp(Runtime.getRuntime().availableProcessors() * 4L, 8, 64));

  private static final VarHandle CURRENT = MethodHandles.arrayElementVarHandle(Lease[].class);

  private final Engine engine;
  private final Governor governor;
  private final Totals totals;
  private final AtomicInteger paused = new AtomicInteger();

  /** A plain array under a VarHandle: one load less than an AtomicReferenceArray. */
  private final Lease[] current = new Lease[STRIPES];

  Leases(Engine engine, Governor governor) {
    this.engine = engine;
    this.governor = governor;
    this.totals = governor.totals();
  }

  /**
   * Reserves bytes.
   *
   * @param bytes how many
   * @param insist go through the breach order, else only try
   * @return the reservation; null if it was only tried and there is no room
   */
  LeasedReservation reserve(long bytes, boolean insist) {
    Lease lease = current(stripe());
    if (bytes < LARGE && lease != null && lease.take(bytes)) {
      return new LeasedReservation(lease, bytes);
    }
    return reserveSlowly(bytes, insist);
  }

  /** A lease of its own on bytes that are admitted already. */
  Lease own(long bytes) {
    Lease lease = Lease.own(engine, governor.leaks());
    lease.grant(bytes, 0);
    return lease;
  }

  /** How much a thread may hold ahead; 0 if none may. */
  long mayHoldAhead() {
    long spare = chunk();
    return roomAhead(spare) ? spare : 0;
  }

  long unspent() {
    long sum = 0;
    for (int i = 0; i < STRIPES; i++) {
      Lease lease = current(i);
      if (lease != null) {
        sum += lease.unspent();
      }
    }
    return sum;
  }

  /** Takes back what is held ahead; nothing is, from now on, until {@link #resume}. */
  void pause() {
    paused.incrementAndGet();
    for (int i = 0; i < STRIPES; i++) {
      close(current(i));
    }
  }

  /** Undoes one {@link #pause}. */
  void resume() {
    paused.decrementAndGet();
  }

  /** Gives stripes new leases, where something is reserved that might be a leak. */
  void retire() {
    for (int i = 0; i < STRIPES; i++) {
      Lease lease = current(i);
      if (lease != null && lease.outstanding() > 0 && CURRENT.compareAndSet(current, i, lease, (Lease) null)) {
        close(lease);
      }
    }
  }

  private LeasedReservation reserveSlowly(long bytes, boolean insist) {
    if (bytes < LARGE) {
      Lease lease = lease();
      long spare = chunk();
      if (!lease.isClosed() && roomAhead(bytes + spare)) {
        Bound refused = engine.tryAdd(LedgerKind.RESERVED, bytes + spare);
        if (refused == null) {
          lease.grant(bytes + spare, spare);
          return served(lease, bytes);
        }
      }
      if (!admit(bytes, insist)) {
        return null;
      }
      lease.grant(bytes, 0);
      return served(lease, bytes);
    }
    return admit(bytes, insist) ? new LeasedReservation(own(bytes), bytes) : null;
  }

  private boolean admit(long bytes, boolean insist) {
    if (insist) {
      engine.admit(LedgerKind.RESERVED, bytes);
      return true;
    }
    return engine.tryAdmit(LedgerKind.RESERVED, bytes);
  }

  private static LeasedReservation served(Lease lease, long bytes) {
    lease.refills++;
    return new LeasedReservation(lease, bytes);
  }

  /** The stripe's lease, open if there is room; a new one if there is none, or it is worn out. */
  private Lease lease() {
    int stripe = stripe();
    long ahead = mayHoldAhead();
    while (true) {
      Lease lease = current(stripe);
      if (lease == null || lease.refills >= REFILLS || lease.orphaned()) {
        Lease fresh = Lease.shared(engine, governor.leaks(), ahead << 1);
        if (!CURRENT.compareAndSet(current, stripe, lease, fresh)) {
          fresh.cell.unwatch();
          continue;
        }
        close(lease);
        lease = fresh;
      } else if (ahead > 0 && !lease.isOpen()) {
        lease.open(ahead << 1);
      }
      if (paused.get() > 0 || current(stripe) != lease) {
        lease.close();
      }
      return lease;
    }
  }

  /** The lease of the calling thread's stripe, or null. */
  Lease ofThisThread() {
    return current(stripe());
  }

  private Lease current(int stripe) {
    return (Lease) CURRENT.getVolatile(current, stripe);
  }

  private static int stripe() {
    return (int) Thread.currentThread().threadId() & (STRIPES - 1);
  }

  private static void close(Lease lease) {
    if (lease != null) {
      lease.close();
    }
  }

  private long chunk() {
    long share = engine.limit() >> 12;
    return share < 4096 ? 0 : Math.min(CHUNK, share);
  }

  private boolean roomAhead(long bytes) {
    return chunk() > 0
        && paused.get() == 0
        && bytes < engine.limit() - (engine.limit() >> 4) - engine.budget.used()
        && bytes < totals.ceiling() - (totals.ceiling() >> 4) - totals.used();
  }
}
