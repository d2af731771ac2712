package io.nodedb.mem.governor;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Passes on to listeners what happens on the callers' threads; one that throws hides nothing. */
final class FanOut implements GovernorListener {
  private final List<GovernorListener> listeners;
  private final Consumer<String> problems;
  private final AtomicBoolean told = new AtomicBoolean();

  FanOut(List<GovernorListener> listeners, Consumer<String> problems) {
    this.listeners = listeners;
    this.problems = problems;
  }

  @Override
  public void onBreach(Breach breach) {
    each(l -> l.onBreach(breach));
  }

  @Override
  public void onOverRelease(String engine, long excess, long count) {
    each(l -> l.onOverRelease(engine, excess, count));
  }

  @Override
  public void onLeak(String engine, long bytes, Throwable made) {
    each(l -> l.onLeak(engine, bytes, made));
  }

  @Override
  public void onDrift(Drift drift) {
    each(l -> l.onDrift(drift));
  }

  @Override
  public void onLimit(String engine, long before, long after) {
    each(l -> l.onLimit(engine, before, after));
  }

  @Override
  public void onRebalance(Rebalance rebalance) {
    each(l -> l.onRebalance(rebalance));
  }

  private void each(Consumer<GovernorListener> call) {
    for (GovernorListener listener : listeners) {
      try {
        call.accept(listener);
      } catch (Throwable e) {
        // A view that fails must not turn an admission into an error.
        if (told.compareAndSet(false, true)) {
          problems.accept("view " + listener.getClass().getName() + " failed: " + e);
        }
      }
    }
  }
}
