package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What an engine that can spill sets aside so that its spill handlers can allocate while it is full.
 * Charged to the engine as reserved, so no bound is passed when it is drawn on: bytes move from this
 * reserve to the ledger that needs them. Thread-safe; filled and
 * emptied by one thread at a time.
 */
final class SpillReserve {
  static final long MOST = 4L << 20;
  private static final int SHARE_SHIFT = 6;

  private final Engine engine;
  private final Totals totals;
  private final AtomicLong held = new AtomicLong();

  SpillReserve(Engine engine, Totals totals) {
    this.engine = engine;
    this.totals = totals;
  }

  long held() {
    return held.get();
  }

  /**
   * Sets aside what is lacking, as far as there is room; goes without relief. The room that code goes on
   * by unasked stays: the next sample would else be past the limit.
   */
  void fill() {
    long lacking = Math.min(engine.limit() >> SHARE_SHIFT, MOST) - held.get();
    long fits = Math.min(lacking, engine.budget.room() - engine.governor.attention.margin(engine));
    if (fits > 0 && engine.tryAdd(LedgerKind.RESERVED, fits) == null) {
      held.addAndGet(fits);
    }
  }

  /** Gives everything back: nobody needs it any more. */
  void empty() {
    engine.subtract(LedgerKind.RESERVED, held.getAndSet(0));
  }

  /** Charges bytes to a ledger in place of the reserve. */
  boolean spend(LedgerKind kind, long bytes) {
    if (bytes > take(bytes, false)) {
      return false;
    }
    Bound refused = kind == LedgerKind.HEAP ? totals.tryAddToHeap(bytes) : null;
    if (refused != null) {
      held.addAndGet(bytes);
      return false;
    }
    engine.move(LedgerKind.RESERVED, kind, bytes);
    return true;
  }

  /** Makes room for what is charged when it is allocated already. */
  boolean giveWay(long bytes) {
    engine.subtract(LedgerKind.RESERVED, take(bytes, true));
    return engine.budget.room() > 0 && totals.refusal(LedgerKind.HEAP, 0) == null;
  }

  /** Takes all of so many bytes, or what there is of them, or nothing. */
  private long take(long bytes, boolean part) {
    long now;
    long taken;
    do {
      now = held.get();
      taken = now >= bytes ? bytes : part ? now : 0;
    } while (!held.compareAndSet(now, now - taken));
    return taken;
  }
}
