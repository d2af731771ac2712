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
 * <p>The {@link Budget} is what admission looks at. The ledgers beside it say where the bytes are.
 * Order of writes: an admission moves use, the process's total, then the ledger; a release the
 * ledger, use, the total. So what use is above the sum of the ledgers is some thread's unfinished
 * step. One such step may be undone, an admission whose second half the ceiling refuses; so a request
 * that would fit if unfinished steps were not there is tried again for a moment.
 */
public final class Engine implements Account {
  /** How often a request is tried again because of another's unfinished step. */
  private static final int SETTLE = 64;

  private static final LedgerKind[] KINDS = LedgerKind.values();

  final Budget budget;
  final Leases leases;
  final PressureGauge gauge;
  final OncePerMinute leakReport;

  private final Governor governor;
  private final Totals totals;
  private final int id;
  private final String name;
  private final AtomicLongArray ledgers = new AtomicLongArray(KINDS.length);
  private final AtomicLong charged = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private final AtomicLong overrun = new AtomicLong();
  private final LongAdder rejections = new LongAdder();
  private final LongAdder overReleases = new LongAdder();
  private final LongAdder spills = new LongAdder();
  private final LongAdder spilledBytes = new LongAdder();
  private final SpillReserve reserve;
  private final OncePerMinute overReleaseReport;

  private volatile long min;
  private volatile long base;
  private volatile boolean held;
  private volatile BreachMode mode;
  private volatile long waitNanos;
  private volatile LongSupplier allocated = () -> 0;
  private volatile HeldAhead nativeHeld = HeldAhead.NONE;

  /** Null as long as nobody watches use. */
  private volatile UseBand band;

  Engine(Governor governor, int id, EngineSpec spec, PressureThresholds thresholds) {
    this.governor = governor;
    this.totals = governor.totals();
    this.id = id;
    this.name = spec.name();
    this.budget = new Budget(spec.limit());
    this.min = spec.min();
    this.base = spec.limit();
    this.mode = spec.mode();
    this.waitNanos = spec.waitNanos();
    this.leases = new Leases(this, governor);
    this.reserve = new SpillReserve(this, totals);
    this.overReleaseReport = new OncePerMinute(governor.clock());
    this.leakReport = new OncePerMinute(governor.clock());
    this.gauge =
        new PressureGauge(
            thresholds,
            spec.limit(),
            this::usedNow,
            governor.listener().transitionsOf(Optional.of(name)));
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
    if (!fits(kind, bytes)) {
      governor.breachOrder.run(
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

            @Override
            public boolean draw() {
              return reserve.spend(kind, bytes);
            }
          },
          breachMode);
    }
  }

  @Override
  public boolean tryAdmit(LedgerKind kind, long bytes) {
    if (fits(kind, bytes)) {
      return true;
    }
    // What threads hold ahead of use, or others of this engine's budget, must not refuse anybody.
    try (Recall recall = new Recall(governor, this)) {
      return recall.attempt(() -> tryAdd(kind, bytes)) == null
          || (governor.rebalancer().takeBack(this)
              && recall.attempt(() -> tryAdd(kind, bytes)) == null);
    }
  }

  private boolean fits(LedgerKind kind, long bytes) {
    return notNegative(bytes) == 0 || tryAdd(kind, bytes) == null;
  }

  /**
   * Goes through the breach order unless there is room for so many bytes on the heap; charges
   * nothing.
   *
   * @param bytes how many
   * @param breachMode what a breach does; {@link BreachMode#INHERIT} for the engine's own mode
   */
  void requireRoom(long bytes, BreachMode breachMode) {
    if (refusal(LedgerKind.HEAP, bytes) != null) {
      governor.breachOrder.run(
          this,
          LedgerKind.HEAP,
          bytes,
          new Request() {
            @Override
            public Bound attempt() {
              return refusal(LedgerKind.HEAP, bytes);
            }

            @Override
            public void force() {}

            @Override
            public boolean draw() {
              return reserve.giveWay(bytes);
            }
          },
          breachMode);
    }
  }

  @Override
  public void charge(LedgerKind kind, long bytes) {
    long now = budget.add(notNegative(bytes));
    long total = totals.add(kind, bytes);
    ledgers.addAndGet(kind.ordinal(), bytes);
    raise(peak, now);
    lookForOverrun(now);
    governor.charged(this, now, total);
  }

  @Override
  public void release(LedgerKind kind, long bytes) {
    notNegative(bytes);
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

  /** Takes back what threads hold ahead of use; none does, from now on, until {@link #resume}. */
  void pause() {
    leases.pause();
    nativeHeld.recall();
  }

  /** Undoes one {@link #pause}. */
  void resume() {
    leases.resume();
  }

  /**
   * Bytes in use, without what threads hold ahead of use.
   *
   * @return bytes
   */
  public long usedNow() {
    return Math.max(0, budget.used() - unspent());
  }

  /**
   * The limit.
   *
   * @return bytes
   */
  public long limit() {
    return budget.limit();
  }

  /**
   * What nothing is admitted past: the limit, or the base while others wait for what the engine has
   * borrowed.
   *
   * @return bytes
   */
  public long bound() {
    return budget.bound();
  }

  /**
   * The limit as configured or set: what {@link #limit} is while nothing is lent or borrowed.
   *
   * @return bytes
   */
  public long base() {
    return base;
  }

  /** For {@link Limits}, under its lock, as are the next two. */
  void base(long bytes) {
    base = bytes;
  }

  /** Whether the engine gets nothing past its base until what it has borrowed is paid. */
  boolean held() {
    return held;
  }

  /** Changes the limit in force, unless a lower one would leave less room than it has to. */
  boolean limit(long bytes, boolean hold, long room) {
    long bound = hold ? Math.min(bytes, base) : bytes;
    if (!budget.limit(bytes, bound, room)) {
      return false;
    }
    held = hold;
    gauge.bound(bound);
    UseBand watching = band;
    if (watching != null) {
      watching.tell();
    }
    return true;
  }

  /** Use and limit of one moment, without what threads hold ahead of use. */
  Budget.Moment moment() {
    long ahead = unspent();
    Budget.Moment moment = budget.moment();
    return new Budget.Moment(Math.max(0, moment.used() - ahead), moment.limit());
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
    Budget.Moment moment = budget.moment();
    long now = Math.max(0, moment.used() - reservedAhead - nativeAhead);
    return new EngineSnapshot(
        name,
        moment.limit(),
        min,
        now,
        used(LedgerKind.HEAP),
        Math.max(0, used(LedgerKind.NATIVE) - nativeAhead),
        used(LedgerKind.MAPPED),
        Math.max(0, used(LedgerKind.RESERVED) - reservedAhead),
        peak.get(),
        overrun.get(),
        allocated.getAsLong(),
        pressure(),
        mode,
        rejections.sum(),
        overReleases.sum(),
        spills.sum(),
        spilledBytes.sum());
  }

  /**
   * The engine's pressure.
   *
   * @return the level now
   */
  public PressureLevel pressure() {
    gauge.settle("query");
    return gauge.level();
  }

  /** Charges if both bounds allow. Null, or the bound that does not. */
  Bound tryAdd(LedgerKind kind, long bytes) {
    Bound bound = tryAddOnce(kind, bytes);
    for (int i = 0; bound != null && i < SETTLE && unsettled(bound, bytes); i++) {
      if (i < SETTLE / 2) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
      bound = tryAddOnce(kind, bytes);
    }
    return bound;
  }

  private Bound tryAddOnce(LedgerKind kind, long bytes) {
    Bound bound = refusal(kind, bytes);
    if (bound != null) {
      return bound;
    }
    long now = budget.tryAdd(bytes);
    if (now < 0) {
      return Bound.ENGINE;
    }
    bound = totals.tryAdd(kind, bytes);
    if (bound != null) {
      budget.subtract(bytes);
      // Somebody who waits may have been refused because of these bytes.
      governor.lowered();
      return bound;
    }
    ledgers.addAndGet(kind.ordinal(), bytes);
    raised(now);
    return null;
  }

  /** The bound that has no room for so many bytes, or null. */
  private Bound refusal(LedgerKind kind, long bytes) {
    return bytes > budget.room() ? Bound.ENGINE : totals.refusal(kind, bytes);
  }

  /** Whether a refusal may be owed to a step that another thread has not finished. */
  private boolean unsettled(Bound bound, long bytes) {
    return switch (bound) {
      case ENGINE -> {
        long settled = 0;
        for (LedgerKind kind : KINDS) {
          settled += used(kind);
        }
        yield bytes <= budget.bound() - settled;
      }
      case HEAP_CEILING -> {
        long settled = 0;
        for (Engine each : governor.engines()) {
          settled += each.used(LedgerKind.HEAP);
        }
        yield bytes <= totals.heapCeiling() - settled;
      }
      // The total is moved last: it holds nothing that could be undone.
      case CEILING, PER_CALL, MAPPING -> false;
    };
  }

  /** Charges bytes that another engine gives up: the total stays as it is. */
  boolean tryReceive(LedgerKind kind, long bytes) {
    long now = budget.tryAdd(bytes);
    if (now < 0) {
      return false;
    }
    ledgers.addAndGet(kind.ordinal(), bytes);
    raised(now);
    return true;
  }

  /** Charges what another engine hands over; goes through the breach order if there is no room. */
  void receive(LedgerKind kind, long bytes) {
    if (!tryReceive(kind, bytes)) {
      governor.breachOrder.run(
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
              long now = budget.add(bytes);
              ledgers.addAndGet(kind.ordinal(), bytes);
              raised(now);
              lookForOverrun(now);
            }
          },
          mode);
    }
  }

  Engine sibling(String other) {
    return governor.engine(other);
  }

  /**
   * Watches use; in place of who watched before.
   *
   * @param left run when use has left the band; on any thread, with any lock of the governor's held,
   *     in the middle of an allocation: takes no lock and returns at once
   * @return the band, to be armed
   */
  public UseBand watch(Runnable left) {
    UseBand watching = new UseBand(this::usedNow, left);
    band = watching;
    return watching;
  }

  /** Sets aside what spill handlers may draw on, or what is lacking of it. */
  public void fillSpillReserve() {
    reserve.fill();
  }

  /** Gives back what was set aside for spill handlers. */
  public void emptySpillReserve() {
    reserve.empty();
  }

  /**
   * Counts a spill.
   *
   * @param bytes what it freed
   */
  public void spilled(long bytes) {
    spills.increment();
    spilledBytes.add(bytes);
  }

  void bandMoved(long now) {
    UseBand watching = band;
    if (watching != null) {
      watching.moved(now);
    }
  }

  /** Moves bytes between ledgers; use stays as it is. */
  void move(LedgerKind from, LedgerKind to, long bytes) {
    ledgers.addAndGet(from.ordinal(), -bytes);
    ledgers.addAndGet(to.ordinal(), bytes);
  }

  /** The other half of {@link #tryReceive}. */
  void handOver(LedgerKind kind, long bytes) {
    governor.handlers.released(this, bytes);
    ledgers.addAndGet(kind.ordinal(), -bytes);
    lowered(budget.subtract(bytes), "transfer");
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

  /**
   * Moves bytes of the public charge. Room is made first, so that a refusal leaves everything as it
   * was, and a release at the same time is no over-release.
   */
  void transferRaw(Engine to, long bytes) {
    requireCharged(charged.get(), bytes);
    to.receive(LedgerKind.RESERVED, bytes);
    long held;
    do {
      held = charged.get();
      if (held < bytes) {
        to.handOver(LedgerKind.RESERVED, bytes);
        requireCharged(held, bytes);
      }
    } while (!charged.compareAndSet(held, held - bytes));
    to.charged.addAndGet(bytes);
    handOver(LedgerKind.RESERVED, bytes);
  }

  private void requireCharged(long held, long bytes) {
    if (bytes > held) {
      throw new IllegalArgumentException(
          "bytes: " + bytes + " (expected: at most " + held + ", what is charged to engine '"
              + name + "')");
    }
  }

  /**
   * What the reserved ledger should hold.
   *
   * @return bytes of reservations alive, of what threads hold ahead, of the public charge, and what is
   *     set aside for spill handlers
   */
  public long reservedAlive() {
    return governor.leaks().granted(this) + charged.get() + reserve.held();
  }

  /**
   * What reservations and the native ledger hold ahead of use.
   *
   * @param kind the ledger
   * @return bytes, 0 for other ledgers
   */
  public long ahead(LedgerKind kind) {
    return switch (kind) {
      case RESERVED -> leases.unspent();
      case NATIVE -> nativeHeld.unspent();
      default -> 0;
    };
  }

  void rejected() {
    rejections.increment();
  }

  long waitNanos() {
    return waitNanos;
  }

  private void lower(LedgerKind kind, long bytes) {
    if (bytes != 0) {
      governor.handlers.released(this, bytes);
      long now = budget.subtract(bytes);
      totals.subtract(kind, bytes);
      lowered(now, "release");
    }
  }

  private void raised(long now) {
    raise(peak, now);
    gauge.moved(now, "admission");
    bandMoved(now);
  }

  /** After an unconditional charge; the limit may be another by the time a peak is looked at. */
  private void lookForOverrun(long now) {
    if (now > budget.limit()) {
      Budget.Moment moment = moment();
      raise(overrun, moment.used() - moment.limit());
    }
  }

  private void lowered(long now, String cause) {
    gauge.moved(now, cause);
    bandMoved(now);
    governor.lowered();
  }

  private void overReleased(long excess) {
    overReleases.increment();
    if (overReleaseReport.now()) {
      governor.listener().onOverRelease(name, excess, overReleases.sum());
    }
  }

  static long notNegative(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: 0 or more)");
    }
    return bytes;
  }

  static void raise(AtomicLong peak, long value) {
    long seen = peak.get();
    while (value > seen && !peak.compareAndSet(seen, value)) {
      seen = peak.get();
    }
  }
}
