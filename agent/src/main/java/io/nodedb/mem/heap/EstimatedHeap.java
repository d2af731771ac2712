package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Enforcement;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * The heap ledger without a sampler: exact allocation, estimated survival.
 *
 * <p>An engine's live heap is what the last collection is believed to have left of it plus all it
 * allocated since. A collection is believed to have freed new objects first, as most die young. What
 * it left of those is shared among all who allocated since the collection before, the engines and code
 * outside of them (the JVM counts both), as {@link Survival} has learned who keeps what it makes. What
 * was freed beyond all new objects is taken from what survived earlier, in proportion. So all engines
 * together are never believed to have kept more than a collection left. The estimate is right in sum
 * and roughly right per engine; the sampled ledger is what knows.
 *
 * <p>It learns of small objects when the ticker comes, or when a thread looks while attention is asked
 * for. It asks for that as early as an engine may reach its bound before the ticker comes again.
 */
final class EstimatedHeap implements HeapLedger {
  /** What a thread may have allocated and not be charged for when it has looked, bytes. */
  private static final long STEP = 16 << 10;

  /** A burst may be that much faster than the fastest before. */
  private static final int FASTER = 2;

  /** What a tick forgets of that, as a shift: half of it in 7 s, at the usual interval. */
  private static final int FORGET = 10;

  private final List<Engine> engines;
  private final AllocationTotals totals;
  private final Collections collections;
  private final Enforcement enforcement;

  /** Guarded by this: per engine, what the last collection left, and what was allocated since. */
  private final long[] live;

  private final long[] since;

  /** Guarded by this: per engine, what was allocated since the last tick. */
  private final long[] sinceTick;

  /** What may be allocated until the next tick, per engine. Set by the ticker. */
  private final AtomicLongArray ahead;

  /** Guarded by this: who makes what survives; the last source is code outside of all engines. */
  private final Survival survival;

  /** Guarded by this: what the last collection is believed to have left of either, as shares. */
  private double oldLeft;

  private final double[] newLeft;

  /** What the last collection left of the whole heap. */
  private long after;

  /** What all threads had allocated by then. */
  private long allocatedBefore;

  private int epoch;

  /**
   * Believes nothing to be live yet.
   *
   * @param engines all there are
   * @param totals counts what threads allocate
   * @param collections tells of collections
   * @param enforcement told what an engine may allocate before this ledger learns of it
   */
  EstimatedHeap(
      List<Engine> engines,
      AllocationTotals totals,
      Collections collections,
      Enforcement enforcement) {
    this.engines = engines;
    this.totals = totals;
    this.collections = collections;
    this.enforcement = enforcement;
    this.live = new long[engines.size()];
    this.since = new long[engines.size()];
    this.sinceTick = new long[engines.size()];
    this.ahead = new AtomicLongArray(engines.size());
    this.survival = new Survival(engines.size() + 1);
    this.newLeft = new double[engines.size()];
    totals.sink(this::allocated);
    enforcement.counted();
  }

  @Override
  public String accounting() {
    return "estimated";
  }

  @Override
  public void settle(EngineThread current) {
    // Left halfway, it would charge what it has not noted or the reverse: the ticker will do.
    if (current.uncounted() >= STEP && StackRoom.isThere()) {
      current.array.land();
      current.count();
      totals.gather(current);
      for (CallBudget each = current.budget(); each != null; each = each.outer) {
        update(each, current::counter);
      }
    }
  }

  @Override
  public long behind(int engine) {
    return ahead.get(engine);
  }

  @Override
  public void tick() {
    drain();
    foresee();
  }

  /** What may be allocated until the next tick, from what was since the last. */
  void foresee() {
    for (int e = 0; e < engines.size(); e++) {
      long fresh;
      synchronized (this) {
        fresh = sinceTick[e];
        sinceTick[e] = 0;
      }
      long before = ahead.get(e);
      ahead.set(e, Math.max(FASTER * fresh, before - (before >> FORGET)));
      enforcement.behind(engines.get(e), ahead.get(e));
    }
  }

  @Override
  public void drain() {
    totals.gather();
    collections.poll(
        (before, left) -> collection(before, left, collections.inUse(), totals.everybody()));
  }

  @Override
  public void collected() {
    drain();
  }

  @Override
  public synchronized void update(CallBudget budget, LongSupplier allocated) {
    long now = allocated.getAsLong();
    if (budget.epoch != epoch) {
      if (budget.epoch >= 0) {
        budget.live = Math.round(budget.live * oldLeft + (now - budget.counted) * newLeft[budget.site.engine()]);
        budget.counted = now;
      }
      budget.epoch = epoch;
    }
    budget.held.set(budget.live + now - budget.counted);
  }

  private void allocated(int engine, long bytes) {
    synchronized (this) {
      since[engine] += bytes;
      sinceTick[engine] += bytes;
    }
    charge(engine, bytes);
  }

  /**
   * A collection has ended.
   *
   * @param before bytes on the heap when it began, unused ends of TLABs among them
   * @param left when it ended: none of those
   * @param inUse by now
   * @param allocated by all threads since the JVM started
   */
  void collection(long before, long left, long inUse, long allocated) {
    long[] change = new long[live.length];
    synchronized (this) {
      long engines = 0;
      for (long each : since) {
        engines += each;
      }
      long all = Math.max(allocated - allocatedBefore, engines);
      // What was allocated after it ended is none of what it looked at. At least what was not there
      // when it began, if no other came between; at most what is there now.
      long most = Math.clamp(inUse - left, 0, all);
      long later = Math.clamp(all - before + after, 0, most);
      long met = all - later;
      allocatedBefore = allocated - later;
      double share = all == 0 ? 0 : (double) met / all;
      double[] made = new double[live.length + 1];
      for (int e = 0; e < live.length; e++) {
        made[e] = Math.max(0, since[e] * share);
        made[live.length] -= made[e];
      }
      made[live.length] = Math.max(0, made[live.length] + met);
      long freed = Math.max(0, after + met - left);
      double[] young = survival.shares(made, Math.max(0, met - freed));
      oldLeft = after == 0 ? 1 : 1 - Math.min(1.0, Math.max(0, freed - met) / (double) after);
      for (int e = 0; e < live.length; e++) {
        long was = live[e] + since[e];
        long seen = Math.round(since[e] * share);
        live[e] = Math.round(live[e] * oldLeft + seen * young[e]);
        since[e] -= seen;
        change[e] = live[e] + since[e] - was;
        newLeft[e] = 1 - share * (1 - young[e]);
      }
      after = left;
      epoch++;
    }
    for (int e = 0; e < change.length; e++) {
      charge(e, change[e]);
    }
  }

  private void charge(int engine, long bytes) {
    if (bytes > 0) {
      engines.get(engine).charge(LedgerKind.HEAP, bytes);
    } else if (bytes < 0) {
      engines.get(engine).release(LedgerKind.HEAP, -bytes);
    }
  }
}
