package io.nodedb.mem.spill;

import io.nodedb.mem.Registration;
import io.nodedb.mem.Spillable;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.UseBand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One engine's spilling. Thread-safe.
 *
 * <p>There is no thread that spills: whoever sees a reason calls {@link #advance}, which decides under
 * the monitor and hands out calls after it. Reasons are a band of use that was left, a call that
 * ended, a request that waits, a call that takes too long. The monitor is never held while user code
 * runs, and nothing that holds a lock of the governor's asks for it.
 */
final class EngineSpill {
  /** How long a request waits for a spill at most. */
  private static final long AWAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How often it looks for room while a handler is at work. */
  private static final long LOOK_MILLIS = 2;

  final Engine engine;
  private final SpillEnvironment environment;
  private final SpillListeners listeners;
  private final Runnable watchCalls;
  private final UseBand band;

  /** Guarded by this, as are the next. */
  private final List<SpillController> controllers = new ArrayList<>();

  private int waiting;
  private long missing;

  private final GarbageFirst garbage;

  /**
   * Makes one without handlers.
   *
   * @param listeners hear of calls
   * @param left run when use has left the band: has to lead to {@link #advance} on another thread
   * @param watchCalls run when a call was handed out: {@link #advance} has to be called now and then
   */
  EngineSpill(
      Engine engine,
      SpillEnvironment environment,
      SpillListeners listeners,
      Runnable left,
      Runnable watchCalls) {
    this.engine = engine;
    this.garbage = new GarbageFirst(engine);
    this.environment = environment;
    this.listeners = listeners;
    this.watchCalls = watchCalls;
    this.band = engine.watch(left);
  }

  Registration register(Spillable spillable, int priority, Executor core) {
    Handler handler = new Handler(spillable, priority);
    SpillController controller;
    synchronized (this) {
      controller = controllerOf(core);
      controller.add(handler);
      settleReserve();
    }
    Registration registration = () -> unregister(controller, handler);
    if (core != null && controller.coreThread == null) {
      try {
        core.execute(() -> controller.coreThread = Thread.currentThread());
      } catch (RuntimeException | Error e) {
        registration.close();
        throw e;
      }
    }
    advance();
    return registration;
  }

  private SpillController controllerOf(Executor core) {
    for (SpillController each : controllers) {
      if (each.core == core) {
        return each;
      }
    }
    SpillController made = new SpillController(this, core);
    controllers.add(made);
    return made;
  }

  private void unregister(SpillController controller, Handler handler) {
    synchronized (this) {
      controller.remove(handler);
      settleReserve();
    }
    advance();
  }

  /** Somebody may have drawn on the reserve, or be the first or the last who might. */
  private synchronized void settleReserve() {
    controllers.removeIf(SpillController::isEmpty);
    if (controllers.isEmpty()) {
      engine.emptySpillReserve();
    } else {
      engine.fillSpillReserve();
    }
  }

  /** Does what is to be done now; returns soon. Any thread. */
  void advance() {
    List<SpillCall> late = new ArrayList<>();
    List<SpillCall> next;
    boolean verify;
    synchronized (this) {
      Moment at = moment();
      expire(at, late);
      verify = garbage.begin(at, controllers);
      next = garbage.underWay() ? List.of() : next(at);
      rearm(at);
      notifyAll();
    }
    for (SpillCall call : late) {
      call.report(0, call.fallen(), tooLong());
    }
    if (verify) {
      try {
        environment.threads().execute(this::ruleOutGarbage);
      } catch (RuntimeException | Error e) {
        // Then the handlers decide by what the ledgers say, garbage included.
        verificationEnded();
      }
    }
    for (SpillCall call : next) {
      hand(call);
    }
  }

  /** What is wanted and not asked of anybody yet is divided among the controllers that are idle. */
  private List<SpillCall> next(Moment now) {
    Moment at = now;
    int idle = 0;
    for (SpillController each : controllers) {
      if (each.current() != null) {
        at = at.with(each.current());
      } else if (each.canSpill(at) || each.owes()) {
        idle++;
      }
    }
    List<SpillCall> calls = new ArrayList<>();
    for (SpillController each : controllers) {
      boolean counted = each.current() == null && (each.canSpill(at) || each.owes());
      SpillCall call = each.next(at, Math.max(1, idle));
      idle -= counted ? 1 : 0;
      if (call != null) {
        calls.add(call);
        at = at.with(call);
      }
    }
    return calls;
  }

  private void ruleOutGarbage() {
    Moment at = moment();
    try {
      verify(at.used() - at.start() + 1);
    } finally {
      verificationEnded();
    }
    advance();
  }

  private synchronized void verificationEnded() {
    garbage.ended();
  }

  /** What is done next changes only when use leaves this band, or a call ends. */
  private void rearm(Moment at) {
    long from = Long.MIN_VALUE;
    for (SpillController each : controllers) {
      if (each.sulks()) {
        from = at.restore();
      } else if (each.current() == null && each.owes()) {
        from = Math.max(from, at.restore() - at.worthRestoring() + 1);
      }
    }
    long to =
        controllers.isEmpty() ? Long.MAX_VALUE : at.used() < at.start() ? at.start() : at.grown();
    band.arm(Math.min(from, at.used()), to);
  }

  private void expire(Moment at, List<SpillCall> late) {
    for (SpillController each : controllers) {
      SpillCall call = each.current();
      if (call != null && at.now() - call.deadline >= 0) {
        if (call.worth(call.usedAtDeadline - at.used())) {
          call.usedAtDeadline = at.used();
          call.deadline = at.now() + patience();
        } else {
          each.giveUp(at);
          late.add(call);
        }
      }
    }
  }

  private String tooLong() {
    return "no progress for " + TimeUnit.NANOSECONDS.toMillis(patience()) + " ms, given up";
  }

  private void hand(SpillCall call) {
    watchCalls.run();
    Executor core = call.controller.core;
    try {
      (core == null ? environment.threads() : core).execute(() -> runHanded(call));
    } catch (RuntimeException | Error e) {
      // An executor that was shut down; no memory for a thread.
      if (call.claim()) {
        ended(call, 0, 0, "could not be called: " + e);
        advance();
      }
    }
  }

  private void runHanded(SpillCall call) {
    if (call.claim()) {
      if (call.controller.core != null) {
        call.controller.coreThread = Thread.currentThread();
      }
      call.run();
      advance();
    }
  }

  /**
   * Has room made for a request that met the engine's bound; waits for it for a bounded time.
   *
   * @param lacking bytes that would let the request through
   */
  void await(long lacking) {
    long target = engine.usedNow() - lacking;
    long deadline = now() + AWAIT_NANOS;
    synchronized (this) {
      waiting++;
      missing += lacking;
    }
    try {
      do {
        advance();
        while (runOwn()) {
          advance();
        }
      } while (engine.usedNow() > target && pause(deadline));
    } finally {
      synchronized (this) {
        waiting--;
        missing -= lacking;
      }
    }
  }

  private synchronized boolean pause(long deadline) {
    if (now() - deadline >= 0 || !canHelp()) {
      return false;
    }
    try {
      wait(LOOK_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whether a call is under way, or could be made. */
  synchronized boolean canHelp() {
    Moment at = moment();
    return controllers.stream().anyMatch(c -> c.isSpilling() || c.canSpill(at));
  }

  /** A core's thread that waits cannot run what its executor was handed: runs it here. */
  private boolean runOwn() {
    SpillCall mine = null;
    synchronized (this) {
      for (SpillController each : controllers) {
        SpillCall call = each.current();
        if (each.coreThread == Thread.currentThread() && call != null && call.claim()) {
          mine = call;
        }
      }
    }
    if (mine == null) {
      return false;
    }
    mine.run();
    return true;
  }

  /** A ranking goes on with that handler, unless it was given up. */
  synchronized boolean asks(SpillCall call, Handler handler) {
    if (call.abandoned()) {
      return false;
    }
    call.at(handler);
    return true;
  }

  synchronized void ranked(SpillCall call, int[] coldness) {
    call.controller.ranked(call, coldness);
  }

  void failed(SpillCall call, Handler handler, String failure) {
    synchronized (this) {
      call.controller.failed(handler, moment());
    }
    call.blame(handler, failure);
  }

  void ended(SpillCall call, long said, long moved, String failure) {
    String told = failure != null ? failure : call.against(said, moved);
    synchronized (this) {
      call.controller.ended(call, said, moved, failure, moment());
      settleReserve();
    }
    if (call.kind == SpillCall.Kind.SPILL && moved > 0) {
      engine.spilled(moved);
    }
    call.report(said, moved, told);
  }

  long asHandler(Runnable body) {
    return environment.governor().asHandler(engine, body);
  }

  void verify(long lacking) {
    environment.governor().verify(engine, lacking);
  }

  long now() {
    return environment.clock().getAsLong();
  }

  long patience() {
    return environment.patienceNanos();
  }

  SpillListeners listeners() {
    return listeners;
  }

  /** Whether a call is under way. */
  synchronized boolean busy() {
    return controllers.stream().anyMatch(c -> c.current() != null);
  }

  /** What each controller does, the shared one and each core's. */
  synchronized List<SpillState> states() {
    return controllers.stream().map(SpillController::state).toList();
  }

  private synchronized Moment moment() {
    // Less than the limit while the engine has to give back what it has borrowed.
    long limit = engine.bound();
    return new Moment(
        now(),
        engine.usedNow(),
        limit,
        Math.max(1, (long) Math.ceil(limit * environment.start())),
        (long) (limit * environment.restore()),
        missing,
        waiting > 0,
        0,
        0);
  }
}
