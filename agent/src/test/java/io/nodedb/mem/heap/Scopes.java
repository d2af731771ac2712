package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Governor;
import java.util.function.LongSupplier;

/** What stands behind the hooks, with samples that a test hands in itself. */
final class Scopes {
  static final long LIMIT = 1_000_000;

  final Governor governor =
      Budgets.ceiling(10 * LIMIT)
          .engine("query", LIMIT)
          .engine("vector", LIMIT)
          .clock(() -> 0)
          .governor();

  final SampleLedger ledger = new SampleLedger(governor.engines(), 1000);

  final OneThread counters = new OneThread();

  final HeapScopes scopes =
      new HeapScopes(
          governor,
          counters,
          new HeapLedger() {
            @Override
            public String accounting() {
              return "sampled";
            }

            @Override
            public void settle(EngineThread current) {}

            @Override
            public void tick() {}

            @Override
            public void drain() {
              ledger.drain();
            }

            @Override
            public void collected() {}

            @Override
            public void update(CallBudget budget, LongSupplier allocated) {}
          },
          1 << 20);
}
