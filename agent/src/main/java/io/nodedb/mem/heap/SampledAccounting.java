package io.nodedb.mem.heap;

import java.util.function.LongSupplier;

/** The heap ledger by samples: what is charged is what the collector has not cleared. */
final class SampledAccounting implements HeapLedger {
  private final SampleLedger samples;
  private final SampleSweeps sweeps;
  private final AllocationTotals totals;

  SampledAccounting(SampleLedger samples, SampleSweeps sweeps, AllocationTotals totals) {
    this.samples = samples;
    this.sweeps = sweeps;
    this.totals = totals;
  }

  @Override
  public String accounting() {
    return "sampled";
  }

  @Override
  public boolean countsVirtual() {
    return true;
  }

  @Override
  public long released(int engine) {
    return samples.released(engine);
  }

  /** The callback has charged it. */
  @Override
  public void settle(EngineThread current) {}

  @Override
  public void tick() {
    totals.gather();
  }

  @Override
  public void drain() {
    totals.gather();
    sweeps.catchUp();
  }

  @Override
  public void collected() {
    sweeps.sweep();
  }

  /** Samples know the call they were made in. */
  @Override
  public void update(CallBudget budget, LongSupplier allocated) {}
}
