package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.PressureLevel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
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
  final Budget budget;
  final Leases leases;
  final PressureGauge gauge;
  final OncePerMinute leakReport;
  final PublicCharge charged = new PublicCharge(this);
  final EngineFigures figures;

  private final Governor governor;
  private final Totals totals;
  private final int id;
  private final String name;
  private final AtomicLongArray ledgers = new AtomicLongArray(LedgerKind.values().length);
  private final SpillReserve reserve;
  private final Requests requests;
  private final long min;
  private final long waitNanos;

  private volatile long base;
  private volatile boolean held;
  private volatile BreachMode mode;
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
    this.requests = new Requests(this, governor, reserve);
    this.figures = new EngineFigures(governor.clock());
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
      requests.admit(kind, bytes, breachMode);
    }
  }

  @Override
  public boolean tryAdmit(LedgerKind kind, long bytes) {
    return fits(kind, bytes) || requests.tryAdmit(kind, bytes);
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
      requests.requireRoom(bytes, breachMode);
    }
  }

  @Override
  public void charge(LedgerKind kind, long bytes) {
    long now = budget.add(notNegative(bytes));
    long total = totals.add(kind, bytes);
    ledgers.addAndGet(kind.ordinal(), bytes);
    figures.reached(now);
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
    figures.allocatedFrom(source);
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
        figures.peak(),
        figures.overrun(),
        figures.allocated(),
        pressure(),
        mode,
        figures.rejections(),
        figures.overReleases(),
        figures.spills(),
        figures.spilledBytes());
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
    return bound == null ? null : requests.settle(kind, bytes, bound);
  }

  /** As {@link #tryAdd}, though a refusal may be owed to another thread's unfinished step. */
  Bound tryAddOnce(LedgerKind kind, long bytes) {
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
  Bound refusal(LedgerKind kind, long bytes) {
    return bytes > budget.room() ? Bound.ENGINE : totals.refusal(kind, bytes);
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

  /** As {@link #tryReceive}, whatever the limit. */
  void forceReceive(LedgerKind kind, long bytes) {
    long now = budget.add(bytes);
    ledgers.addAndGet(kind.ordinal(), bytes);
    raised(now);
    lookForOverrun(now);
  }

  /** Charges what another engine hands over; goes through the breach order if there is no room. */
  void receive(LedgerKind kind, long bytes) {
    if (!tryReceive(kind, bytes)) {
      requests.receive(kind, bytes);
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
    figures.spilled(bytes);
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

  /**
   * What the reserved ledger should hold.
   *
   * @return bytes of reservations alive, of what threads hold ahead, of the public charge, and what is
   *     set aside for spill handlers
   */
  public long reservedAlive() {
    return governor.leaks().granted(this) + charged.held() + reserve.held();
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
    figures.reached(now);
    gauge.moved(now, "admission");
    bandMoved(now);
  }

  /** After an unconditional charge; the limit may be another by the time a peak is looked at. */
  private void lookForOverrun(long now) {
    if (now > budget.limit()) {
      Budget.Moment moment = moment();
      figures.overran(moment.used() - moment.limit());
    }
  }

  private void lowered(long now, String cause) {
    gauge.moved(now, cause);
    bandMoved(now);
    governor.lowered();
  }

  void overReleased(long excess) {
    if (figures.overReleased()) {
      governor.listener().onOverRelease(name, excess, figures.overReleases());
    }
  }

  static long notNegative(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: 0 or more)");
    }
    return bytes;
  }
}
