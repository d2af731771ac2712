package io.nodedb.mem.governor;

import io.nodedb.mem.PressureListener;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.Registration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Passes on to listeners what happens: transitions on threads of their own, all else on the callers'
 * threads; one that throws hides nothing. Thread-safe.
 */
final class FanOut implements GovernorListener {
  private final List<GovernorListener> listeners = new CopyOnWriteArrayList<>();
  private final PressureDispatcher dispatcher;
  private final Failsafe failsafe;

  FanOut(Consumer<String> problems) {
    this.dispatcher = new PressureDispatcher(problems);
    this.failsafe = new Failsafe(problems);
  }

  Registration add(GovernorListener listener) {
    listeners.add(listener);
    Registration transitions = dispatcher.add(listener::onTransition);
    return () -> {
      listeners.remove(listener);
      transitions.close();
    };
  }

  Registration add(PressureListener listener) {
    return dispatcher.add(listener);
  }

  /** Ends the threads. */
  void stop() {
    dispatcher.stop();
  }

  /** What a gauge tells: an engine's, or the process's. */
  PressureGauge.Sink transitionsOf(Optional<String> engine) {
    return (from, to, used, bound, cause) ->
        onTransition(new PressureTransition(engine, from, to, used, bound, cause));
  }

  @Override
  public void onTransition(PressureTransition transition) {
    dispatcher.dispatch(transition);
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
        failsafe.failed("view", listener, e);
      }
    }
  }
}
