package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.PressureLevel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * One engine's budget. Thread-safe.
 *
 * <p>{@code used} is what admission looks at: one word, moved by CAS against the limit. The ledgers
 * beside it say where the bytes are. Order of writes: an admission moves {@code used}, the process's
 * total, then the ledger; a release the ledger, {@code used}, the total. So a reader that takes
 * {@code used} first never sees ledgers that hold more than was admitted.
 *
 * <p>The limit's bound on {@code used} is kept against the limit as it was read in the same CAS
 * round; {@link Governor#setLimit} publishes a lower limit first and looks at {@code used} after.
 */
public final class Engine implements Account {
  final AtomicLong used = new AtomicLong();
  final Leases leases;
  final PressureGauge gauge;

  private final Governor governor;
  private final int id;
  private final String name;
  private final AtomicLongArray ledgers = new AtomicLongArray(LedgerKind.values().length);
  private final AtomicLong charged = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private final LongAdder rejections = new LongAdder();
  private final LongAdder overReleases = new LongAdder();
  private final OncePerMinute overReleaseReport;

  private volatile long limit;
  private volatile long min;
  private volatile BreachMode mode;
  private volatile long waitNanos;
  private volatile LongSupplier allocated = () -> 0;
  private volatile HeldAhead nativeHeld = HeldAhead.NONE;

  Engine(Governor governor, int id, EngineSpec spec, PressureThresholds thresholds) {
    this.governor = governor;
    this.id = id;
    this.name = spec.name();
    this.limit = spec.limit();
    this.min = spec.min();
    this.mode = spec.mode();
    this.waitNanos = spec.waitNanos();
    this.leases = new Leases(this, governor);
    this.overReleaseReport = new OncePerMinute(governor.clock());
    this.gauge =
        new PressureGauge(
            thresholds,
            limit,
            this::usedNow,
            (from, to, now, bound, cause) ->
                governor.changed(Optional.of(name), from, to, now, bound, cause));
  }

  /**
   * The engine's number, from 0 in the order of the configuration.
   *
   * @return the id that hooks use
   */
  public int id() {
    return id;
  }

  @Override
  public String engine() {
    return name;
  }

  @Override
  public void admit(LedgerKind kind, long bytes) {
    admit(kind, bytes, mode);
  }

  /**
   * Like {@link #admit(LedgerKind, long)}, with the mode of the scope the caller is in.
   *
   * @param kind the ledger
   * @param bytes how many
   * @param breachMode what a breach does; {@link BreachMode#INHERIT} for the engine's own mode
   */
  public void admit(LedgerKind kind, long bytes, BreachMode breachMode) {
    if (tryAdd(kind, bytes) != null) {
      governor.breach(
          this,
          kind,
          bytes,
          new Request() {
            @Override
            public Bound attempt() {
              return tryAdd(kind, bytes);
            }

            @Override
            public void force() {
              charge(kind, bytes);
            }
          },
          breachMode == BreachMode.INHERIT ? mode : breachMode);
    }
  }

  @Override
  public boolean tryAdmit(LedgerKind kind, long bytes) {
    return tryAdd(kind, bytes) == null;
  }

  @Override
  public void charge(LedgerKind kind, long bytes) {
    long now = used.addAndGet(bytes);
    long total = governor.total.addAndGet(bytes);
    if (kind == LedgerKind.HEAP) {
      governor.heapTotal.addAndGet(bytes);
    }
    ledgers.addAndGet(kind.ordinal(), bytes);
    raise(peak, now);
    governor.charged(this, now, total);
  }

  @Override
  public void release(LedgerKind kind, long bytes) {
    long held;
    long released;
    do {
      held = ledgers.get(kind.ordinal());
      released = Math.min(Math.max(0, held), bytes);
    } while (!ledgers.compareAndSet(kind.ordinal(), held, held - released));
    lower(kind, released);
    if (released < bytes) {
      overReleased(bytes - released);
    }
  }

  @Override
  public long used(LedgerKind kind) {
    return ledgers.get(kind.ordinal());
  }

  @Override
  public long mayHoldAhead() {
    return leases.mayHoldAhead();
  }

  @Override
  public void nativeHeldAhead(HeldAhead held) {
    nativeHeld = held;
  }

  /** What threads hold ahead of use. */
  long unspent() {
    return leases.unspent() + nativeHeld.unspent();
  }

  /** Takes back what threads hold ahead of use. */
  void recall() {
    leases.recall();
    nativeHeld.recall();
  }

  /**
   * Bytes in use, without what threads hold ahead of use.
   *
   * @return bytes
   */
  public long usedNow() {
    return Math.max(0, used.get() - unspent());
  }

  /**
   * The limit.
   *
   * @return bytes
   */
  public long limit() {
    return limit;
  }

  /**
   * What rebalancing leaves the engine at least.
   *
   * @return bytes
   */
  public long min() {
    return min;
  }

  /**
   * What a breach does.
   *
   * @return the mode, never {@link BreachMode#INHERIT}
   */
  public BreachMode mode() {
    return mode;
  }

  /**
   * Changes what a breach does.
   *
   * @param newMode the mode
   */
  public void mode(BreachMode newMode) {
    if (newMode == BreachMode.INHERIT) {
      throw new IllegalArgumentException(
          "engines." + name + ".mode: inherit (expected: reject, wait or observe)");
    }
    mode = newMode;
  }

  /**
   * Where the exact total of allocated heap bytes comes from.
   *
   * @param source bytes allocated so far
   */
  public void allocatedFrom(LongSupplier source) {
    allocated = source;
  }

  /**
   * The engine's figures.
   *
   * @return the figures now
   */
  public EngineSnapshot snapshot() {
    long reservedAhead = leases.unspent();
    long nativeAhead = nativeHeld.unspent();
    long now = Math.max(0, used.get() - reservedAhead - nativeAhead);
    return new EngineSnapshot(
        name,
        limit,
        min,
        now,
        used(LedgerKind.HEAP),
        Math.max(0, used(LedgerKind.NATIVE) - nativeAhead),
        used(LedgerKind.MAPPED),
        Math.max(0, used(LedgerKind.RESERVED) - reservedAhead),
        peak.get(),
        allocated.getAsLong(),
        pressure(),
        mode,
        rejections.sum(),
        overReleases.sum());
  }

  PressureLevel pressure() {
    if (gauge.crossed(used.get())) {
      gauge.evaluate("query");
    }
    return gauge.level();
  }

  /** Charges if both bounds allow. Null, or the bound that does not. */
  Bound tryAdd(LedgerKind kind, long bytes) {
    long now;
    do {
      now = used.get();
      if (bytes > limit - now) {
        return Bound.ENGINE;
      }
      if (bytes > governor.ceiling() - governor.total.get()) {
        return Bound.CEILING;
      }
    } while (!used.compareAndSet(now, now + bytes));
    Bound bound = governor.addToTotals(kind, bytes);
    if (bound != null) {
      used.addAndGet(-bytes);
      return bound;
    }
    ledgers.addAndGet(kind.ordinal(), bytes);
    raised(now + bytes);
    return null;
  }

  /** Charges bytes that another engine gives up: the total stays as it is. */
  boolean tryReceive(LedgerKind kind, long bytes) {
    long now;
    do {
      now = used.get();
      if (bytes > limit - now) {
        return false;
      }
    } while (!used.compareAndSet(now, now + bytes));
    ledgers.addAndGet(kind.ordinal(), bytes);
    raised(now + bytes);
    return true;
  }

  /** Charges what another engine hands over; goes through the breach order if there is no room. */
  void receive(LedgerKind kind, long bytes) {
    if (!tryReceive(kind, bytes)) {
      governor.breach(
          this,
          kind,
          bytes,
          new Request() {
            @Override
            public Bound attempt() {
              return tryReceive(kind, bytes) ? null : Bound.ENGINE;
            }

            @Override
            public void force() {
              ledgers.addAndGet(kind.ordinal(), bytes);
              raised(used.addAndGet(bytes));
            }
          },
          mode);
    }
  }

  Engine sibling(String other) {
    return governor.engine(other);
  }

  /** The other half of {@link #tryReceive}. */
  void handOver(LedgerKind kind, long bytes) {
    ledgers.addAndGet(kind.ordinal(), -bytes);
    lowered(used.addAndGet(-bytes), "transfer");
  }

  /** Gives back bytes known to be in the ledger. */
  void subtract(LedgerKind kind, long bytes) {
    ledgers.addAndGet(kind.ordinal(), -bytes);
    lower(kind, bytes);
  }

  /** The public charge: in the reserved ledger, but apart from what reservations hold there. */
  void chargeRaw(long bytes) {
    charge(LedgerKind.RESERVED, bytes);
    charged.addAndGet(bytes);
  }

  void releaseRaw(long bytes) {
    long held;
    long released;
    do {
      held = charged.get();
      released = Math.min(held, bytes);
    } while (!charged.compareAndSet(held, held - released));
    subtract(LedgerKind.RESERVED, released);
    if (released < bytes) {
      overReleased(bytes - released);
    }
  }

  void rejected() {
    rejections.increment();
  }

  long waitNanos() {
    return waitNanos;
  }

  /** Guarded by the governor's limit lock. */
  void limit(long newLimit) {
    limit = newLimit;
  }

  private void lower(LedgerKind kind, long bytes) {
    if (bytes != 0) {
      long now = used.addAndGet(-bytes);
      governor.takeFromTotals(kind, bytes);
      lowered(now, "release");
    }
  }

  private void raised(long now) {
    raise(peak, now);
    if (gauge.crossed(now)) {
      gauge.evaluate("admission");
    }
  }

  private void lowered(long now, String cause) {
    if (gauge.crossed(now)) {
      gauge.evaluate(cause);
    }
    governor.lowered();
  }

  private void overReleased(long excess) {
    overReleases.increment();
    if (overReleaseReport.now()) {
      governor.listener().onOverRelease(name, excess, overReleases.sum());
    }
  }

  static void raise(AtomicLong peak, long value) {
    long seen = peak.get();
    while (value > seen && !peak.compareAndSet(seen, value)) {
      seen = peak.get();
    }
  }
}
