package io.nodedb.mem.heap;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.governor.EngineSpec;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorSpec;
import io.nodedb.mem.governor.PressureThresholds;
import io.nodedb.mem.governor.RebalanceSpec;
import java.util.List;
import java.util.function.LongSupplier;

/** What stands behind the hooks, with samples that a test hands in itself. */
final class Scopes {
  static final long LIMIT = 1_000_000;

  final Governor governor =
      new Governor(
          new GovernorSpec(
              10 * LIMIT,
              10 * LIMIT,
              List.of(
                  new EngineSpec("query", LIMIT, 0, BreachMode.REJECT, 0),
                  new EngineSpec("vector", LIMIT, 0, BreachMode.REJECT, 0)),
              new PressureThresholds(0.7, 0.85, 0.95, 0.03),
              RebalanceSpec.OFF),
          () -> 0,
          line -> {
            throw new AssertionError(line);
          });

  final SampleLedger ledger = new SampleLedger(governor.engines(), 1000);

  final HeapScopes scopes =
      new HeapScopes(
          governor,
          new ThreadCounters() {
            @Override
            public long current() {
              return 0;
            }

            @Override
            public long[] of(long[] threadIds) {
              return new long[threadIds.length];
            }
          },
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
