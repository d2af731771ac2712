package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many bytes an engine uses, and in which ledgers; whoever watches use is told of every change.
 * Thread-safe.
 *
 * <p>The {@link Budget} is what admission looks at. The ledgers beside it say where the bytes are.
 * Order of writes: an admission moves use, the process's total, then the ledger; a release the
 * ledger, use, the total. So what use is above the sum of the ledgers is some thread's unfinished
 * step. One such step may be undone, an admission whose second half the ceiling refuses.
 *
 * <p>What {@link Engine} extends rather than has: one more load would be on the way of every charge.
 */
abstract class EngineUse implements Account {
  final Budget budget;
  final EngineFigures figures;
  final PressureGauge gauge;
  final Governor governor;
  final Totals totals;

  private final String name;
  private final AtomicLongArray ledgers = new AtomicLongArray(LedgerKind.values().length);

  /** Null as long as nobody watches use. */
  private volatile UseBand band;

  EngineUse(Governor governor, EngineSpec spec, PressureThresholds thresholds) {
    this.governor = governor;
    this.totals = governor.totals();
    this.name = spec.name();
    this.budget = new Budget(spec.limit());
    this.figures = new EngineFigures(governor.clock());
    this.gauge =
        new PressureGauge(
            thresholds,
            spec.limit(),
            this::usedNow,
            governor.listener().transitionsOf(Optional.of(name)));
  }

  /** What threads hold ahead of use. */
  abstract long unspent();

  @Override
  public String engine() {
    return name;
  }

  @Override
  public long used(LedgerKind kind) {
    return ledgers.get(kind.ordinal());
  }

  /**
   * Bytes in use, without what threads hold ahead of use.
   *
   * @return bytes
   */
  public long usedNow() {
    return Math.max(0, budget.used() - unspent());
  }

  /** Use and limit of one moment, without what threads hold ahead of use. */
  Budget.Moment moment() {
    long ahead = unspent();
    Budget.Moment moment = budget.moment();
    return new Budget.Moment(Math.max(0, moment.used() - ahead), moment.limit());
  }

  /** The bound that has no room for so many bytes, or null. */
  Bound refusal(LedgerKind kind, long bytes) {
    return bytes > budget.room() ? Bound.ENGINE : totals.refusal(kind, bytes);
  }

  /**
   * Charges if both bounds allow. Null, or the bound that does not; that may be owed to another
   * thread's unfinished step.
   */
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

  /** The last step of an unconditional charge, after use and the total. */
  void book(LedgerKind kind, long bytes, long now) {
    ledgers.addAndGet(kind.ordinal(), bytes);
    figures.reached(now);
    lookForOverrun(now);
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

  /** Gives back bytes known to be in the ledger. */
  void subtract(LedgerKind kind, long bytes) {
    ledgers.addAndGet(kind.ordinal(), -bytes);
    lower(kind, bytes);
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

  /** The other half of {@link #tryReceive}. */
  void handOver(LedgerKind kind, long bytes) {
    governor.handlers.released(this, bytes);
    ledgers.addAndGet(kind.ordinal(), -bytes);
    lowered(budget.subtract(bytes), "transfer");
  }

  /** Moves bytes between ledgers; use stays as it is. */
  void move(LedgerKind from, LedgerKind to, long bytes) {
    ledgers.addAndGet(from.ordinal(), -bytes);
    ledgers.addAndGet(to.ordinal(), bytes);
  }

  void overReleased(long excess) {
    if (figures.overReleased()) {
      governor.listener().onOverRelease(name, excess, figures.overReleases());
    }
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

  void bandMoved(long now) {
    UseBand watching = band;
    if (watching != null) {
      watching.moved(now);
    }
  }

  /** What nothing is admitted past is another from now on. */
  void boundMoved(long bound) {
    gauge.bound(bound);
    UseBand watching = band;
    if (watching != null) {
      watching.tell();
    }
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

  private void lowered(long now, String cause) {
    gauge.moved(now, cause);
    bandMoved(now);
    governor.lowered();
  }

  /** After an unconditional charge; the limit may be another by the time a peak is looked at. */
  private void lookForOverrun(long now) {
    if (now > budget.limit()) {
      Budget.Moment moment = moment();
      figures.overran(moment.used() - moment.limit());
    }
  }

  static long notNegative(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: 0 or more)");
    }
    return bytes;
  }
}
