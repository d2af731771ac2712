package io.nodedb.mem.governor;

import io.nodedb.mem.governor.RebalancePlan.Shift;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The engines' limits: set by the operator, lent and borrowed in between. Thread-safe.
 *
 * <p>A limit has a base, as configured or set. At every instant the limits' sum is within the bases'
 * sum, and that is within the ceiling: a limit is lowered first, which fails if use has risen, and
 * only what that left is added to another. All changes are made under one lock, which is the
 * outermost; readers of a single limit take none.
 */
final class Limits {
  /**
   * So that code between two looks does not push use past a limit just lowered. Use may rise between
   * the decision and the change, by a lot if the thread that lowers loses its processor: {@link
   * #roomLeft} has to be left then, or nothing changes.
   */
  private static final int MARGIN_SHARE = 5;

  private static final long MOST_MARGIN = 8L << 20;

  private final Governor governor;
  private final Object lock = new Object();

  Limits(Governor governor) {
    this.governor = governor;
  }

  /** Runs with no limit changing; must not call user code. */
  <T> T still(Supplier<T> read) {
    synchronized (lock) {
      return read.get();
    }
  }

  /**
   * Sets a limit, which is the engine's base from now on. Where other engines still use what this
   * one has lent, the limit in force follows as they release.
   *
   * @throws IllegalArgumentException if that is below use or past the ceiling; nothing has changed
   */
  void set(Engine engine, long bytes) {
    long before;
    List<Rebalance> moves = new ArrayList<>();
    synchronized (lock) {
      before = engine.limit();
      long others = sum(Engine::base) - engine.base();
      if (bytes > governor.ceiling() - others) {
        throw new IllegalArgumentException(
            "engines." + engine.engine() + ".limit: " + bytes + " (expected: at most "
                + (governor.ceiling() - others)
                + ", what the other engines' limits leave of the ceiling of " + governor.ceiling()
                + ")");
      }
      try {
        setWithin(engine, bytes, others, moves);
      } finally {
        settle(engine, moves);
      }
    }
    moved(governor.engines());
    if (bytes != before) {
      governor.listener().onLimit(engine.engine(), before, bytes);
    }
    tell(moves);
  }

  private void setWithin(Engine engine, long bytes, long others, List<Rebalance> moves) {
    // Negative: the others hold more than their bases. What they do not use is theirs no more.
    long owed = others - (sum(Engine::limit) - engine.limit());
    for (Engine each : governor.engines()) {
      long spare = each.limit() - Math.max(each.base(), each.usedNow() + margin(each));
      long take = each == engine ? 0 : Math.min(spare, -owed);
      if (take > 0 && change(each, each.limit() - take, each.held(), roomLeft(each))) {
        moves.add(move(each, engine, take, Rebalance.Reason.SETTLED));
        owed += take;
      }
    }
    long allowed = bytes + Math.min(0, owed);
    if (!change(engine, allowed, false, 0)) {
      throw new IllegalArgumentException(
          "engines." + engine.engine() + ".limit: " + bytes + " (expected: at least "
              + (engine.usedNow() + bytes - allowed) + ", what the engine uses now"
              + (allowed == bytes ? "" : " and what others use of what it has lent") + ")");
    }
    engine.base(bytes);
  }

  /** Gives what the limits leave of the bases to engines whose budget was elsewhere. */
  private void settle(Engine from, List<Rebalance> moves) {
    long left = sum(Engine::base) - sum(Engine::limit);
    for (Engine each : governor.engines()) {
      long due = Math.min(left, each.base() - each.limit());
      if (due > 0) {
        change(each, each.limit() + due, false, 0);
        moves.add(move(from, each, due, Rebalance.Reason.SETTLED));
        left -= due;
      }
    }
  }

  /**
   * Reads how engines stand, decides, and moves budget, with no other change in between.
   *
   * @param decide the decision, from the stands in the order of the engines; null for none
   * @param lends whether an engine was quiet for long enough
   * @return what was moved
   */
  List<Rebalance> rebalance(
      Function<Stand[], RebalancePlan> decide, Predicate<Engine> lends) {
    List<Rebalance> moves = new ArrayList<>();
    List<Engine> touched = new ArrayList<>();
    synchronized (lock) {
      RebalancePlan plan = decide.apply(stands(lends));
      if (plan == null) {
        return moves;
      }
      // First of all, so that what is taken from a borrower is not used up meanwhile.
      for (Engine each : governor.engines()) {
        boolean hold = plan.held(each.id());
        if (each.held() != hold) {
          change(each, each.limit(), hold, 0);
          touched.add(each);
        }
      }
      for (Shift shift : plan.shifts()) {
        Engine from = governor.engines().get(shift.from());
        Engine to = governor.engines().get(shift.to());
        if (change(from, from.limit() - shift.bytes(), from.held(), roomLeft(from))) {
          change(to, to.limit() + shift.bytes(), to.held(), 0);
          moves.add(move(from, to, shift.bytes(), shift.reason()));
          touched.add(from);
          touched.add(to);
        }
      }
    }
    if (!touched.isEmpty()) {
      moved(touched);
      tell(moves);
    }
    return moves;
  }

  private Stand[] stands(Predicate<Engine> lends) {
    Stand[] stands = new Stand[governor.engines().size()];
    for (Engine each : governor.engines()) {
      long used = each.usedNow();
      long margin = margin(each);
      stands[each.id()] =
          new Stand(
              each.base(),
              each.limit(),
              Stand.keep(each.base(), each.min(), used, margin, governor.calm()),
              used + margin,
              lends.test(each),
              each.held());
    }
    return stands;
  }

  private static long margin(Engine engine) {
    return Math.min(engine.base() >> MARGIN_SHARE, MOST_MARGIN);
  }

  /**
   * What a limit that is lowered leaves above use: the room in which code is told to look, as nobody
   * was told yet, as far as the margin goes; half the margin at least.
   */
  private long roomLeft(Engine engine) {
    long margin = margin(engine);
    return Math.clamp(governor.attention.margin(engine), margin / 2, margin);
  }

  /** False if that would leave less than some room above use; nothing has changed then. */
  private boolean change(Engine engine, long limit, boolean hold, long room) {
    boolean lowering = limit < engine.limit() || (hold && !engine.held());
    if (lowering) {
      engine.pause();
    }
    boolean done = engine.limit(limit, hold, room);
    if (lowering) {
      engine.resume();
    }
    if (!done) {
      // Somebody may have been refused under the lower limit while it was tried.
      governor.lowered();
    }
    return done;
  }

  /** After limits were changed, with no lock held. */
  private void moved(List<Engine> changed) {
    changed.forEach(
        e -> governor.attention.charged(e, e.budget.used(), governor.totals().used()));
    governor.lowered();
  }

  private void tell(List<Rebalance> moves) {
    moves.forEach(governor.listener()::onRebalance);
  }

  private static Rebalance move(Engine from, Engine to, long bytes, Rebalance.Reason reason) {
    return new Rebalance(
        from.engine(), to.engine(), bytes, from.limit(), to.limit(), reason);
  }

  private long sum(ToLongFunction<Engine> figure) {
    return governor.engines().stream().mapToLong(figure).sum();
  }
}
