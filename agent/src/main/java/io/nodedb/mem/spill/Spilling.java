package io.nodedb.mem.spill;

import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.Registration;
import io.nodedb.mem.Spillable;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Failsafe;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.ReliefStep;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Spilling of all engines: the second step of the breach order, and a daemon thread that reacts to
 * use that passes a threshold and gives up on calls that take too long. Thread-safe.
 *
 * <p>Threads are started with the first registration.
 */
public final class Spilling implements ReliefStep, AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final SpillEnvironment environment;
  private final SpillListeners listeners;
  private final Consumer<String> problems;

  /** By the engine's id; null as long as it has no handler. */
  private final AtomicReferenceArray<EngineSpill> engines;

  private final Thread dispatcher;
  private volatile boolean dirty;
  private volatile boolean idle;
  private volatile boolean closed;
  private boolean started;

  /** With threads of somebody else's nothing runs by itself: {@link #advance} has to be called. */
  Spilling(SpillEnvironment environment, Consumer<String> problems) {
    this.environment = environment;
    this.problems = problems;
    this.listeners = new SpillListeners(problems);
    this.engines = new AtomicReferenceArray<>(environment.governor().engines().size());
    this.dispatcher =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("nodedb-mem-spill")
            .unstarted(this::dispatch);
  }

  /**
   * Makes spilling part of the breach order.
   *
   * @param governor the budgets
   * @param start share of a limit at which spilling begins
   * @param restore share of a limit that it aims at
   * @param problems told, in a line each, of what went wrong on the agent's side
   * @return the spilling
   */
  public static Spilling start(
      Governor governor,
      double start,
      double restore,
      Consumer<String> problems) {
    Spilling spilling =
        new Spilling(
            new SpillEnvironment(
                governor, start, restore, System::nanoTime, PATIENCE_NANOS, new SpillThreads()),
            problems);
    governor.addRelief(spilling);
    return spilling;
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#registerSpillable}.
   *
   * @param name the engine
   * @param handler moves data
   * @param priority lowest first
   * @param core the data's own thread, if it has one
   * @return ends the registration
   */
  public Registration register(
      String name, Spillable handler, int priority, Optional<Executor> core) {
    Objects.requireNonNull(handler, "handler");
    Engine engine = environment.governor().engine(name);
    return of(engine).register(handler, priority, core.orElse(null));
  }

  /**
   * Adds a view.
   *
   * @param listener the view
   * @return closes the registration
   */
  public Registration addListener(SpillListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public Stage stage() {
    return Stage.SPILL;
  }

  @Override
  public boolean relieve(Engine engine, long missing, Bound bound) {
    EngineSpill spill = engines.get(engine.id());
    // What one call may hold is the call's: nothing else of the engine's is in its way.
    if (spill != null && bound != Bound.PER_CALL) {
      spill.await(missing);
    }
    return false;
  }

  @Override
  public boolean relieveWaiting(Engine engine, long missing, Bound bound) {
    EngineSpill spill = engines.get(engine.id());
    if (spill != null && bound != Bound.PER_CALL) {
      spill.advance();
    }
    return false;
  }

  @Override
  public boolean mayHelpAgain(Engine engine, Bound bound, boolean ruledOut) {
    EngineSpill spill = engines.get(engine.id());
    return spill != null && spill.canHelp();
  }

  /** What an engine's controllers do; empty without handlers. */
  List<SpillState> states(Engine engine) {
    EngineSpill spill = engines.get(engine.id());
    return spill == null ? List.of() : spill.states();
  }

  private EngineSpill of(Engine engine) {
    EngineSpill spill = engines.get(engine.id());
    if (spill != null) {
      return spill;
    }
    synchronized (this) {
      spill = engines.get(engine.id());
      if (spill == null) {
        spill =
            new EngineSpill(engine, environment, listeners, this::wake, this::callHandedOut);
        engines.set(engine.id(), spill);
      }
      if (!started && !closed && environment.threads() instanceof SpillThreads threads) {
        started = true;
        dispatcher.start();
        threads.prestartCoreThread();
      }
      return spill;
    }
  }

  /** In the middle of an allocation, perhaps: a flag and an unpark. */
  private void wake() {
    if (!dirty) {
      dirty = true;
      LockSupport.unpark(dispatcher);
    }
  }

  private void callHandedOut() {
    if (idle) {
      LockSupport.unpark(dispatcher);
    }
  }

  private void dispatch() {
    Failsafe failsafe = new Failsafe(problems);
    Runnable pass = this::pass;
    while (!closed) {
      failsafe.run("a pass of spilling", pass);
    }
  }

  /** Waits for a reason and reacts to it. */
  private void pass() {
    if (!dirty) {
      idle = true;
      if (!dirty && !closed) {
        if (busy()) {
          LockSupport.parkNanos(this, LOOK_NANOS);
        } else {
          LockSupport.park(this);
        }
      }
      idle = false;
    }
    advance();
  }

  /** Has every engine do what is to be done now. */
  void advance() {
    // Cleared before use is read: a band that is left in between is not lost.
    dirty = false;
    for (int i = 0; i < engines.length(); i++) {
      EngineSpill spill = engines.get(i);
      if (spill != null) {
        spill.advance();
      }
    }
  }

  private boolean busy() {
    for (int i = 0; i < engines.length(); i++) {
      EngineSpill spill = engines.get(i);
      if (spill != null && spill.busy()) {
        return true;
      }
    }
    return false;
  }

  /** Ends the threads; handlers are not called any more. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(dispatcher);
    if (environment.threads() instanceof SpillThreads threads) {
      threads.shutdown();
    }
  }
}
