package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A governor in the making, with a clock that stands still and everything it reports kept. */
final class Given {
  static final PressureThresholds THRESHOLDS = Budgets.THRESHOLDS;
  static final Duration LONG = Duration.ofMinutes(5);

  final AtomicLong clock = new AtomicLong(1_000_000_000L);
  final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  final List<Breach> breaches = Collections.synchronizedList(new ArrayList<>());
  final List<String> overReleases = Collections.synchronizedList(new ArrayList<>());
  final List<Rebalance> moves = Collections.synchronizedList(new ArrayList<>());
  final List<Long> leaks = Collections.synchronizedList(new ArrayList<>());
  final List<Throwable> leakPlaces = Collections.synchronizedList(new ArrayList<>());

  private final Budgets budgets;

  private Given(long ceiling) {
    budgets = Budgets.ceiling(ceiling).clock(clock::get).problems(problems::add);
  }

  static Given ceiling(long bytes) {
    return new Given(bytes);
  }

  Given rebalancing(double step, WorkloadHint hint) {
    budgets.rebalancing(Duration.ofSeconds(1), step, hint);
    return this;
  }

  Given heapCeiling(long bytes) {
    budgets.heapCeiling(bytes);
    return this;
  }

  Given engine(String name, long limit) {
    return engine(name, limit, BreachMode.REJECT, Duration.ZERO);
  }

  Given engine(String name, long limit, BreachMode mode, Duration wait) {
    budgets.engine(name, limit, 0, mode, wait);
    return this;
  }

  Given engine(String name, long limit, long min) {
    budgets.engine(name, limit, min, BreachMode.REJECT, Duration.ZERO);
    return this;
  }

  /** The same with the system's clock, for waits that shall end. */
  Given realTime() {
    budgets.clock(System::nanoTime);
    return this;
  }

  Governor governor() {
    Governor governor = budgets.governor();
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
