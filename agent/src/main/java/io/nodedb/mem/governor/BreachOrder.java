package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.governor.Breach.Outcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What happens to a request that met a bound: take back what threads hold ahead of use; then the
 * relief steps (verify, spill, borrow), each followed by another try; then the mode.
 */
final class BreachOrder {
  private final Governor governor;
  private final List<ReliefStep> steps = new CopyOnWriteArrayList<>();

  BreachOrder(Governor governor) {
    this.governor = governor;
  }

  void add(ReliefStep step) {
    steps.add(step);
  }

  void run(Engine engine, LedgerKind kind, long bytes, Request request, BreachMode mode) {
    recall();
    Bound first = request.attempt();
    if (first == null) {
      return;
    }
    Bound bound = first;
    long began = governor.clock().getAsLong();
    if (mode == BreachMode.OBSERVE) {
      request.force();
      tell(engine, kind, bytes, request, bound, Outcome.OBSERVED, false, began);
      return;
    }
    boolean verified = false;
    for (ReliefStep step : steps) {
      verified |= step.relieve(engine, missing(engine, bytes, request, bound), bound);
      bound = request.attempt();
      if (bound == null) {
        tell(engine, kind, bytes, request, first, Outcome.RELIEVED, verified, began);
        return;
      }
    }
    Outcome outcome = Outcome.REJECTED;
    if (mode == BreachMode.WAIT) {
      Bound met = bound;
      Runnable again =
          () -> steps.forEach(s -> s.relieve(engine, missing(engine, bytes, request, met), met));
      if (governor.waiting().await(() -> request.attempt() == null, engine.waitNanos(), again)) {
        tell(engine, kind, bytes, request, first, Outcome.WAITED, verified, began);
        return;
      }
      outcome = Outcome.TIMED_OUT;
    }
    engine.rejected();
    BudgetExceededException denial =
        new BudgetExceededException(
            engine.engine(), bytes, available(engine, request, bound), limit(engine, request, bound), bound);
    tell(engine, kind, bytes, request, bound, outcome, verified, began);
    throw denial;
  }

  private void recall() {
    for (Engine each : governor.engines()) {
      each.recall();
    }
  }

  private void tell(
      Engine engine,
      LedgerKind kind,
      long bytes,
      Request request,
      Bound bound,
      Outcome outcome,
      boolean verified,
      long began) {
    long waited = governor.clock().getAsLong() - began;
    governor
        .listener()
        .onBreach(
            new Breach(
                engine.engine(),
                kind,
                bytes,
                used(engine, request, bound),
                limit(engine, request, bound),
                bound,
                outcome,
                verified,
                waited));
  }

  private long missing(Engine engine, long bytes, Request request, Bound bound) {
    return Math.max(0, bytes - (limit(engine, request, bound) - used(engine, request, bound)));
  }

  private long available(Engine engine, Request request, Bound bound) {
    return Math.max(0, limit(engine, request, bound) - used(engine, request, bound));
  }

  private long used(Engine engine, Request request, Bound bound) {
    return switch (bound) {
      // MAPPING is the mapping manager's own bound; it never comes here.
      case ENGINE, MAPPING -> engine.usedNow();
      case PER_CALL -> request.callUsed();
      case CEILING -> governor.usedNow();
      case HEAP_CEILING -> governor.heapTotal.get();
    };
  }

  private long limit(Engine engine, Request request, Bound bound) {
    return switch (bound) {
      case ENGINE, MAPPING -> engine.limit();
      case PER_CALL -> request.callLimit();
      case CEILING -> governor.ceiling();
      case HEAP_CEILING -> governor.heapCeiling();
    };
  }
}
