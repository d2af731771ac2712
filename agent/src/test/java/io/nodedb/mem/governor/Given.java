package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A governor in the making, with a clock that stands still and everything it reports kept. */
final class Given {
  static final PressureThresholds THRESHOLDS = new PressureThresholds(0.7, 0.85, 0.95, 0.03);
  static final Duration LONG = Duration.ofMinutes(5);

  final AtomicLong clock = new AtomicLong(1_000_000_000L);
  final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  final List<Breach> breaches = Collections.synchronizedList(new ArrayList<>());
  final List<String> overReleases = Collections.synchronizedList(new ArrayList<>());
  final List<Rebalance> moves = Collections.synchronizedList(new ArrayList<>());
  final List<Long> leaks = Collections.synchronizedList(new ArrayList<>());
  final List<Throwable> leakPlaces = Collections.synchronizedList(new ArrayList<>());

  private LongSupplier time = clock::get;
  private final long ceiling;
  private long heapCeiling;
  private final List<EngineSpec> engines = new ArrayList<>();
  private RebalanceSpec rebalance = RebalanceSpec.OFF;

  private Given(long ceiling) {
    this.ceiling = ceiling;
    this.heapCeiling = ceiling;
  }

  static Given ceiling(long bytes) {
    return new Given(bytes);
  }

  Given rebalancing(double step, WorkloadHint hint) {
    rebalance = new RebalanceSpec(true, 1_000_000_000L, step, hint);
    return this;
  }

  Given heapCeiling(long bytes) {
    heapCeiling = bytes;
    return this;
  }

  Given engine(String name, long limit) {
    return engine(name, limit, BreachMode.REJECT, Duration.ZERO);
  }

  Given engine(String name, long limit, BreachMode mode, Duration wait) {
    engines.add(new EngineSpec(name, limit, 0, mode, wait.toNanos()));
    return this;
  }

  Given engine(String name, long limit, long min) {
    engines.add(new EngineSpec(name, limit, min, BreachMode.REJECT, 0));
    return this;
  }

  /** The same with the system's clock, for waits that shall end. */
  Given realTime() {
    time = System::nanoTime;
    return this;
  }

  Governor governor() {
    GovernorSpec spec =
        new GovernorSpec(ceiling, heapCeiling, List.copyOf(engines), THRESHOLDS, rebalance);
    Governor governor = new Governor(spec, time, problems::add);
    governor.addListener(
        new GovernorListener() {
          @Override
          public void onBreach(Breach breach) {
            breaches.add(breach);
          }

          @Override
          public void onOverRelease(String engine, long excess, long count) {
            overReleases.add(engine + " " + excess + " " + count);
          }

          @Override
          public void onRebalance(Rebalance move) {
            moves.add(move);
          }

          @Override
          public void onLeak(String engine, long bytes, Throwable made) {
            leaks.add(bytes);
            leakPlaces.add(made);
          }
        });
    return governor;
  }
}
