package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A governor in the making, for tests of any package. Unless it is told otherwise, engines refuse, no
 * budget is lent, the clock is the system's, and a problem is an error.
 */
public final class Budgets {
  static final PressureThresholds THRESHOLDS = new PressureThresholds(0.7, 0.85, 0.95, 0.03);

  private final long ceiling;
  private final List<EngineSpec> engines = new ArrayList<>();
  private long heapCeiling;
  private RebalanceSpec rebalance = RebalanceSpec.OFF;
  private LongSupplier clock = System::nanoTime;
  private Consumer<String> problems =
      problem -> {
        throw new AssertionError(problem);
      };

  private Budgets(long ceiling) {
    this.ceiling = ceiling;
    this.heapCeiling = ceiling;
  }

  public static Budgets ceiling(long bytes) {
    return new Budgets(bytes);
  }

  public Budgets heapCeiling(long bytes) {
    heapCeiling = bytes;
    return this;
  }

  public Budgets engine(String name, long limit) {
    return engine(name, limit, 0, BreachMode.REJECT, Duration.ZERO);
  }

  public Budgets engine(String name, long limit, long min, BreachMode mode, Duration wait) {
    engines.add(new EngineSpec(name, limit, min, mode, wait.toNanos()));
    return this;
  }

  public Budgets rebalancing(Duration interval, double step, WorkloadHint hint) {
    rebalance = new RebalanceSpec(true, interval.toNanos(), step, hint);
    return this;
  }

  public Budgets clock(LongSupplier nanos) {
    clock = nanos;
    return this;
  }

  public Budgets problems(Consumer<String> sink) {
    problems = sink;
    return this;
  }

  public Governor governor() {
    return new Governor(
        new GovernorSpec(ceiling, heapCeiling, List.copyOf(engines), THRESHOLDS, rebalance),
        clock,
        problems);
  }
}
