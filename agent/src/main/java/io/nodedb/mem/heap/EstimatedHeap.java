package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The heap ledger without a sampler: exact allocation, estimated survival.
 *
 * <p>An engine's live heap is what the last collection is believed to have left of it plus all it
 * allocated since. A collection that freed f bytes is believed to have freed new objects first, as
 * most die young: f is shared among all that was allocated since the collection before, by the
 * engines and by code outside of them alike; only what f exceeds that by is taken from what survived
 * earlier, in proportion. The estimate is right in sum and roughly right per engine; the sampled
 * ledger is what knows.
 */
final class EstimatedHeap implements HeapLedger {
  private final List<Engine> engines;
  private final AllocationTotals totals;
  private final Collections collections;

  /** Guarded by this: per engine, what the last collection left, and what was allocated since. */
  private final long[] live;

  private final long[] since;
  private final double[] survival;
  private long after;
  private int epoch;

  EstimatedHeap(List<Engine> engines, AllocationTotals totals, Collections collections) {
    this.engines = engines;
    this.totals = totals;
    this.collections = collections;
    this.live = new long[engines.size()];
    this.since = new long[engines.size()];
    this.survival = new double[engines.size()];
    totals.sink(this::allocated);
  }

  @Override
  public String accounting() {
    return "estimated";
  }

  @Override
  public void settle(EngineThread current) {
    current.count();
    totals.gather(current);
  }

  @Override
  public void tick() {
    drain();
  }

  @Override
  public void drain() {
    totals.gather();
    collections.poll(this::collection);
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
        double ratio = survival[budget.site.engine()];
        budget.live = (long) ((budget.live + now - budget.counted) * ratio);
        budget.counted = now;
      }
      budget.epoch = epoch;
    }
    budget.held.set(budget.live + now - budget.counted);
  }

  private void allocated(int engine, long bytes) {
    synchronized (this) {
      since[engine] += bytes;
    }
    charge(engine, bytes);
  }

  /** A collection that found {@code before} bytes on the heap and left {@code left}. */
  void collection(long before, long left) {
    long[] change = new long[live.length];
    synchronized (this) {
      long sinceAll = Math.max(before - after, 0);
      for (long each : since) {
        sinceAll = Math.max(sinceAll, each);
      }
      long freed = Math.max(0, before - left);
      double young = sinceAll == 0 ? 0 : Math.min(1.0, (double) freed / sinceAll);
      double old =
          after == 0 ? 0 : Math.min(1.0, Math.max(0, freed - sinceAll) / (double) after);
      for (int e = 0; e < live.length; e++) {
        long was = live[e] + since[e];
        long now = (long) (live[e] * (1 - old) + since[e] * (1 - young));
        survival[e] = was <= 0 ? 1 : (double) now / was;
        change[e] = now - was;
        live[e] = now;
        since[e] = 0;
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
