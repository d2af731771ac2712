package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.governor.Rebalance.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * Decides when idle budget moves. Thread-safe.
 *
 * <p>An engine that used less than half of its base and met no bound for some intervals lends. One
 * that met its bound, and still did when garbage was ruled out and spilling had its turn, borrows: at
 * once, and a step more at the next round. What an engine has lent comes back before anything else is
 * tried when it meets its lowered limit, and at the next round when its pressure is about to rise; what
 * borrowers use of it comes back as they release, and they get nothing until it has.
 *
 * <p>An engine within its base goes before one beyond: nothing is lent while the process is near a
 * bound, and an engine that is refused there within its base has the borrowers held.
 */
public final class Rebalancer implements ReliefStep {
  /** Below this share of its base an engine is quiet. */
  private static final double QUIET = 0.5;

  /** From this share of a shared bound on, nothing is lent. */
  private static final double SHARED = 0.85;

  /** A need that comes and goes must not set free those who are to pay. */
  private static final int REMEMBERED = 3;

  /** By a sixteenth each round: half is left after eleven. */
  private static final int FADES = 4;

  private final Governor governor;
  private final RebalanceSpec spec;
  private final long step;
  private final LongAdder moved = new LongAdder();
  private volatile WorkloadHint hint;
  private volatile long unattributedHeap;

  /** What engines met since the last round, by id. */
  private final AtomicIntegerArray bounds;

  private final AtomicIntegerArray shortages;
  private final AtomicIntegerArray squeezed;

  /** Quiet intervals by id. Written by rounds, one at a time; read under the limits' lock. */
  private final AtomicIntegerArray quiet;

  /**
   * What each engine's heap ledger came to of late, by id; fades. A ledger falls with each collection and
   * grows again: lending by what it is just then would leave the others' next rise no room on the heap.
   */
  private final AtomicLongArray heapOfLate;

  /** For how many more rounds an engine's need of what it has lent is remembered; by rounds alone. */
  private final int[] need;

  private long lastRound;

  Rebalancer(Governor governor, RebalanceSpec spec, int engines) {
    this.governor = governor;
    this.spec = spec;
    this.step = Math.max(1, (long) (spec.step() * governor.ceiling()));
    this.hint = spec.hint();
    this.bounds = new AtomicIntegerArray(engines);
    this.shortages = new AtomicIntegerArray(engines);
    this.squeezed = new AtomicIntegerArray(engines);
    this.quiet = new AtomicIntegerArray(engines);
    this.heapOfLate = new AtomicLongArray(engines);
    this.need = new int[engines];
    this.lastRound = governor.clock().getAsLong();
  }

  /**
   * The work that is expected.
   *
   * @return the hint
   */
  public WorkloadHint hint() {
    return hint;
  }

  /**
   * Changes what work is expected, from the next round on.
   *
   * @param newHint the hint
   */
  public void hint(WorkloadHint newHint) {
    hint = newHint;
  }

  /**
   * Says how much live heap is nobody's: the application's own and the JDK's. What is lent of the
   * heap leaves room for it, else a limit might grow until the JVM itself finds no memory.
   *
   * @param bytes live heap beyond what engines are charged for
   */
  public void unattributedHeap(long bytes) {
    unattributedHeap = bytes;
  }

  /**
   * How often budget has moved from one engine to another.
   *
   * @return moves so far
   */
  public long count() {
    return moved.sum();
  }

  long intervalNanos() {
    return spec.intervalNanos();
  }

  /** A round, if one is due. On the governor's thread. */
  void pass(long now) {
    if (now - lastRound >= spec.intervalNanos()) {
      lastRound = now;
      round();
    }
  }

  /**
   * A round: looks at how engines did since the last one, and moves budget.
   *
   * @return what was moved
   */
  public synchronized List<Rebalance> round() {
    List<Engine> needy = new ArrayList<>();
    List<Engine> lenders = new ArrayList<>();
    boolean squeeze = false;
    for (Engine each : governor.engines()) {
      int id = each.id();
      long used = each.usedNow();
      long late = heapOfLate.get(id);
      heapOfLate.set(id, Math.max(each.used(LedgerKind.HEAP), late - (late >> FADES)));
      boolean metBound = bounds.getAndSet(id, 0) > 0;
      boolean calm = !metBound && used < QUIET * each.base();
      quiet.set(id, calm ? quiet.get(id) + 1 : 0);
      boolean shortage = shortages.getAndSet(id, 0) > 0;
      boolean soon = hint.favours(each.engine()) && used >= governor.calm() * each.limit();
      if (spec.enabled() && hint.lendsPeriodically() && (shortage || soon)) {
        needy.add(each);
      }
      boolean needs = metBound || used >= governor.calm() * each.limit();
      need[id] = needs ? REMEMBERED : Math.max(0, need[id] - 1);
      if (each.limit() < each.base() && need[id] > 0) {
        lenders.add(each);
      }
      squeeze |= squeezed.getAndSet(id, 0) > 0;
    }
    boolean holdAll = squeeze;
    return count(move(stands -> plan(stands, needy, lenders, holdAll)));
  }

  private RebalancePlan plan(
      Stand[] stands, List<Engine> needy, List<Engine> lenders, boolean holdAll) {
    RebalancePlan plan = new RebalancePlan(stands);
    plan.forgive();
    for (Engine each : lenders) {
      plan.refund(each.id());
    }
    boolean near = sharedRoom() <= 0;
    if (holdAll) {
      plan.holdBorrowers();
    }
    for (Engine each : governor.engines()) {
      if (near || holdAll) {
        plan.giveBack(each.id(), Reason.PRESSURE);
      } else if (quiet.get(each.id()) >= hint.quietBeforeReturning()) {
        plan.giveBack(each.id(), Reason.RETURNED);
      }
    }
    lend(plan, needy);
    return plan;
  }

  private void lend(RebalancePlan plan, List<Engine> needy) {
    // Who is favoured first, then who has borrowed least.
    needy.sort(
        Comparator.comparing((Engine e) -> !hint.favours(e.engine()))
            .thenComparingLong(e -> plan.borrowed(e.id())));
    long left = step;
    for (Engine each : needy) {
      long share = hint.sharesEqually() ? Math.max(1, step / needy.size()) : left;
      long want = Math.min(Math.min(share, left), sharedRoom(each));
      if (want > 0 && !plan.held(each.id())) {
        long before = plan.limit(each.id());
        plan.lend(each.id(), 0, want);
        left -= plan.limit(each.id()) - before;
      }
    }
  }

  /** A request met a bound. */
  void met(Engine engine) {
    bounds.incrementAndGet(engine.id());
    // At once: what it gets back is not for others to borrow again.
    quiet.set(engine.id(), 0);
  }

  /**
   * What an engine has lent and others do not use comes back to it.
   *
   * @param engine the engine
   * @return whether its limit was raised
   */
  boolean takeBack(Engine engine) {
    if (engine.limit() >= engine.base()) {
      return false;
    }
    return !count(
            move(
                stands -> {
                  RebalancePlan plan = new RebalancePlan(stands);
                  plan.takeBack(engine.id(), Reason.REFUNDED);
                  return plan;
                }))
        .isEmpty();
  }

  /** The last relief of a breach: borrows. Rules no garbage out. */
  @Override
  public boolean relieve(Engine engine, long missing, Bound bound) {
    int id = engine.id();
    if (bound == Bound.ENGINE) {
      shortages.incrementAndGet(id);
      count(move(stands -> borrow(stands, engine, missing)));
    } else if (bound != Bound.PER_CALL && engine.usedNow() + missing <= engine.base()) {
      squeezed.incrementAndGet(id);
      count(
          move(
              stands -> {
                RebalancePlan plan = new RebalancePlan(stands);
                plan.holdBorrowers();
                return plan;
              }));
    }
    return false;
  }

  @Override
  public Stage stage() {
    return Stage.BORROW;
  }

  private RebalancePlan borrow(Stand[] stands, Engine engine, long missing) {
    int id = engine.id();
    RebalancePlan plan = new RebalancePlan(stands);
    long before = plan.limit(id);
    if (plan.lent(id) > 0) {
      plan.refund(id);
    }
    long more = missing - (plan.limit(id) - before);
    if (spec.enabled() && more > 0 && !plan.held(id) && plan.lent(id) == 0) {
      long room = sharedRoom(engine);
      if (more <= room) {
        long ahead = hint.lendsPeriodically() ? step : 0;
        plan.lend(id, more, Math.min(Math.max(more, ahead), room));
      }
    }
    return plan;
  }

  private List<Rebalance> move(Function<Stand[], RebalancePlan> decide) {
    return governor
        .limits()
        .rebalance(
            decide, e -> spec.enabled() && quiet.get(e.id()) >= hint.quietBeforeLending(e.engine()));
  }

  private List<Rebalance> count(List<Rebalance> moves) {
    moved.add(moves.size());
    return moves;
  }

  /** What may still be used of the bounds that all share before nothing is lent any more. */
  private long sharedRoom() {
    return Math.min(
        (long) (SHARED * governor.ceiling()) - governor.totals().pressing(),
        (long) (SHARED * governor.heapCeiling())
            - governor.totals().heapUsed()
            - unattributedHeap);
  }

  /**
   * The same for one engine, of which only a part may be on the heap: what the others used of theirs of
   * late is not lent.
   */
  private long sharedRoom(Engine engine) {
    long all = (long) (SHARED * governor.ceiling()) - governor.totals().pressing();
    long heap = engine.used(LedgerKind.HEAP);
    if (heap <= 0) {
      return all;
    }
    for (Engine each : governor.engines()) {
      if (each != engine) {
        long claim = Math.min(each.base(), heapOfLate.get(each.id()));
        heap += Math.max(each.used(LedgerKind.HEAP), claim);
      }
    }
    return Math.min(all, (long) (SHARED * governor.heapCeiling()) - heap - unattributedHeap);
  }
}
