package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.CallCancelledException;
import io.nodedb.mem.governor.Breach.Outcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What happens to a request that met a bound: take back what threads hold ahead of use; then the
 * relief steps (verify, spill, borrow), each followed by another try; then the mode. Budget that the
 * engine has lent comes back first of all: it is its own.
 *
 * <p>A step that throws has made no room, that is all. A step's own requests may meet a bound too;
 * they go without relief, or steps would call themselves for ever. A spill handler's draw on what its
 * engine has set aside for it, and neither get relief nor wait for it. A request above the ceiling is
 * refused at once: no collection, spilling or waiting could make room for it.
 */
final class BreachOrder {
  /** How often a step is called again for one request when others take what it makes. */
  private static final int AGAIN = 64;

  /** For how long. */
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Governor governor;
  private final List<ReliefStep> steps = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Boolean> relieving = new ThreadLocal<>();
  private final Failsafe failsafe;

  BreachOrder(Governor governor) {
    this.governor = governor;
    this.failsafe = new Failsafe(governor::problem);
  }

  synchronized void add(ReliefStep step) {
    int at = 0;
    while (at < steps.size() && steps.get(at).stage().compareTo(step.stage()) <= 0) {
      at++;
    }
    steps.add(at, step);
  }

  /** {@link BreachMode#INHERIT} stands for the engine's own mode. */
  void run(Engine engine, LedgerKind kind, long bytes, Request request, BreachMode mode) {
    try (Recall recall = new Recall(governor, engine)) {
      new Case(engine, kind, bytes, request, recall)
          .run(mode == BreachMode.INHERIT ? engine.mode() : mode);
    }
  }

  /** Rules garbage out, outside any request. */
  void verify(Engine engine, long missing) {
    for (ReliefStep step : steps) {
      if (step.stage() == ReliefStep.Stage.VERIFY) {
        relieve(step, () -> step.relieve(engine, missing, Bound.ENGINE));
      }
    }
  }

  /** Calls a step on this thread, whose own requests go without relief meanwhile. */
  private boolean relieve(ReliefStep step, BooleanSupplier call) {
    Boolean before = relieving.get();
    relieving.set(true);
    try {
      return call.getAsBoolean();
    } catch (Throwable e) {
      failsafe.failed("relief step", step, e);
      return false;
    } finally {
      if (before == null) {
        relieving.remove();
      }
    }
  }

  CallCancelledException cancelled(Engine engine, long held) {
    engine.figures.rejected();
    Budget.Moment now = engine.moment();
    CallCancelledException denial =
        new CallCancelledException(
            engine.engine(), held, Math.max(0, now.limit() - now.used()), now.limit());
    governor
        .listener()
        .onBreach(
            new Breach(
                engine.engine(),
                LedgerKind.HEAP,
                0,
                now.used(),
                now.limit(),
                Bound.ENGINE,
                Outcome.CANCELLED,
                false,
                0));
    return denial;
  }

  /** One request that met a bound. Confined to its thread, but for attempts the queue makes. */
  private final class Case {
    private final Engine engine;
    private final LedgerKind kind;
    private final long bytes;
    private final Request request;
    private final Recall recall;
    private final long began = governor.clock().getAsLong();
    private boolean verified;

    Case(Engine engine, LedgerKind kind, long bytes, Request request, Recall recall) {
      this.engine = engine;
      this.kind = kind;
      this.bytes = bytes;
      this.request = request;
      this.recall = recall;
    }

    void run(BreachMode mode) {
      Bound first = attempt();
      if (first == null) {
        return;
      }
      if (first == Bound.ENGINE) {
        governor.rebalancer().met(engine);
        if (governor.rebalancer().takeBack(engine) && attempt() == null) {
          return;
        }
      }
      if (mode == BreachMode.OBSERVE) {
        request.force();
        tell(first, Outcome.OBSERVED);
        return;
      }
      boolean handler = governor.handlers.here();
      if (handler && governor.handlers.here(engine) && request.draw()) {
        return;
      }
      Bound bound = handler || hopeless() ? first : afterRelief(first);
      bound = bound == null ? null : request.last(bound);
      if (bound == null) {
        tell(first, Outcome.RELIEVED);
        return;
      }
      Outcome outcome = Outcome.REJECTED;
      if (mode == BreachMode.WAIT && !handler && !hopeless()) {
        if (afterWaiting(bound)) {
          tell(first, Outcome.WAITED);
          return;
        }
        outcome = Outcome.TIMED_OUT;
      }
      engine.figures.rejected();
      Budget.Moment now = figures(bound);
      BudgetExceededException denial =
          new BudgetExceededException(
              engine.engine(),
              bytes,
              Math.max(0, most(bound, now) - now.used()),
              now.limit(),
              bound,
              bound == Bound.ENGINE ? engine.base() : now.limit());
      tell(bound, outcome);
      throw denial;
    }

    private Bound attempt() {
      return recall.attempt(request::attempt);
    }

    private boolean hopeless() {
      return bytes > governor.ceiling()
          || (kind == LedgerKind.HEAP && bytes > governor.heapCeiling());
    }

    private Bound afterRelief(Bound first) {
      Bound bound = first;
      if (relieving.get() == null) {
        for (ReliefStep step : steps) {
          int left = AGAIN;
          boolean ruledOut;
          do {
            ruledOut = relieve(step, bound, false);
            verified |= ruledOut;
            bound = attempt();
            if (bound == null) {
              return null;
            }
          } while (left-- > 0
              && governor.clock().getAsLong() - began < AGAIN_NANOS
              && step.mayHelpAgain(engine, bound, ruledOut));
        }
      }
      return bound;
    }

    private boolean afterWaiting(Bound met) {
      boolean nested = relieving.get() != null;
      Runnable again = nested ? () -> {} : () -> steps.forEach(s -> relieve(s, met, true));
      return governor.waiting.await(() -> attempt() == null, engine.waitNanos(), again);
    }

    private boolean relieve(ReliefStep step, Bound bound, boolean waiting) {
      // In this order it cannot overflow: use past the limit is a pebibyte at most.
      Budget.Moment now = figures(bound);
      long missing = Math.max(0, bytes - most(bound, now) + now.used());
      return BreachOrder.this.relieve(
          step,
          () ->
              waiting
                  ? step.relieveWaiting(engine, missing, bound)
                  : step.relieve(engine, missing, bound));
    }

    private void tell(Bound bound, Outcome outcome) {
      long waited = governor.clock().getAsLong() - began;
      Budget.Moment now = figures(bound);
      governor
          .listener()
          .onBreach(
              new Breach(
                  engine.engine(),
                  kind,
                  bytes,
                  now.used(),
                  now.limit(),
                  bound,
                  outcome,
                  verified,
                  waited));
    }

    /** Use and limit of one moment: limits move. */
    private Budget.Moment figures(Bound bound) {
      return switch (bound) {
        // MAPPING is the mapping manager's own bound; it never comes here.
        case ENGINE, MAPPING -> engine.moment();
        case PER_CALL -> new Budget.Moment(request.callUsed(), request.callLimit());
        case CEILING -> new Budget.Moment(governor.usedNow(), governor.ceiling());
        case HEAP_CEILING ->
            new Budget.Moment(governor.totals().heapUsed(), governor.heapCeiling());
      };
    }

    /** What nothing is admitted past: an engine that is held has a limit above that. */
    private long most(Bound bound, Budget.Moment now) {
      return bound == Bound.ENGINE ? engine.budget.bound() : now.limit();
    }
  }
}
