package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.PressureLevel;
import java.util.function.LongSupplier;

/**
 * One engine's budget: what it may use, and how it asks for it. Thread-safe.
 *
 * <p>A request that would fit if other threads' unfinished steps (see {@link EngineUse}) were not
 * there is tried again for a moment.
 */
public final class Engine extends EngineUse {
  final Leases leases;
  final OncePerMinute leakReport;
  final PublicCharge charged = new PublicCharge(this);

  private final int id;
  private final SpillReserve reserve;
  private final Requests requests;
  private final long min;
  private final long waitNanos;

  private volatile long base;
  private volatile boolean held;
  private volatile BreachMode mode;
  private volatile HeldAhead nativeHeld = HeldAhead.NONE;

  Engine(Governor governor, int id, EngineSpec spec, PressureThresholds thresholds) {
    super(governor, spec, thresholds);
    this.id = id;
    this.min = spec.min();
    this.base = spec.limit();
    this.mode = spec.mode();
    this.waitNanos = spec.waitNanos();
    this.leases = new Leases(this, governor);
    this.reserve = new SpillReserve(this, totals);
    this.requests = new Requests(this, governor, reserve);
    this.leakReport = new OncePerMinute(governor.clock());
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
   * Goes through the breach order unless there is room for so many bytes; charges nothing.
   *
   * @param kind where they are to be: the heap has a ceiling of its own
   * @param bytes how many
   * @param more how many it tries to make room for
   * @param breachMode what a breach does; {@link BreachMode#INHERIT} for the engine's own mode
   */
  public void requireRoom(LedgerKind kind, long bytes, long more, BreachMode breachMode) {
    if (!hasRoom(kind, bytes)) {
      requests.requireRoom(kind, bytes, more, breachMode);
    }
  }

  /**
   * Whether there is room right now.
   *
   * @param kind where the bytes are to be
   * @param bytes how many
   * @return whether no bound would refuse them
   */
  public boolean hasRoom(LedgerKind kind, long bytes) {
    return refusal(kind, bytes) == null;
  }

  @Override
  public void charge(LedgerKind kind, long bytes) {
    long now = budget.add(notNegative(bytes));
    long total = totals.add(kind, bytes);
    book(kind, bytes, now);
    governor.charged(this, now, total);
  }

  @Override
  public long mayHoldAhead() {
    return leases.mayHoldAhead();
  }

  @Override
  public void nativeHeldAhead(HeldAhead held) {
    nativeHeld = held;
  }

  @Override
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
   * The limit.
   *
   * @return bytes
   */
  @Override
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
    boundMoved(bound);
    return true;
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
          "engines." + engine() + ".mode: inherit (expected: reject, wait or observe)");
    }
    mode = newMode;
  }

  /**
   * What has been allocated on the heap so far, as far as threads' counts are gathered.
   *
   * @return bytes
   */
  public long allocated() {
    return figures.allocated();
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
        engine(),
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

  /** Charges what another engine hands over; goes through the breach order if there is no room. */
  void receive(LedgerKind kind, long bytes) {
    if (!tryReceive(kind, bytes)) {
      requests.receive(kind, bytes);
    }
  }

  /**
   * Moves bytes of a ledger to another engine; the total stays as it is. Goes through the breach
   * order of the engine that gets them.
   *
   * @param to the engine that gets
   * @param kind the ledger, which has them
   * @param bytes how many
   * @param between run when they are charged to both; if it throws, nothing is moved
   * @throws BudgetExceededException if refused; nothing has changed then
   */
  public void transfer(Engine to, LedgerKind kind, long bytes, Runnable between) {
    to.receive(kind, bytes);
    try {
      between.run();
    } catch (Throwable e) {
      to.handOver(kind, bytes);
      throw e;
    }
    handOver(kind, bytes);
  }

  Engine sibling(String other) {
    return governor.engine(other);
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
}
