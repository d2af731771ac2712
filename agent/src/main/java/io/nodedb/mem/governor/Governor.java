package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.PressureListener;
import io.nodedb.mem.Registration;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.UnknownEngineException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All engines under one ceiling.
 *
 * <p><b>Admission</b> has two bounds in two words: an engine's {@code used} and the process's {@code
 * total}. A request moves the first by CAS, then the second, and takes the first back when the second
 * refuses. It looks at the second before it touches the first, so that it only has to take back when
 * another thread won the last bytes under the ceiling in between; a request of the same engine that
 * meets those bytes in that moment is tried again. Nothing is ever admitted past a bound.
 *
 * <p><b>Locks</b>, outermost first: the limit lock, the wait queue's, a gauge's monitor, a
 * dispatcher's. User code is called with none of them held.
 */
public final class Governor {
  final BreachOrder breachOrder = new BreachOrder(this);
  final Handlers handlers = new Handlers();
  final Attention attention;
  final WaitQueue waiting;
  final Housekeeper housekeeper;

  private final LongSupplier clock;
  private final Consumer<String> problems;
  private final Totals totals;
  private final List<Engine> engines;
  private final EngineTable table;
  private final Engine[] slots;
  private final Limits limits = new Limits(this);
  private final Rebalancer rebalancer;
  private final double calm;
  private final LeaseLeaks leaks = new LeaseLeaks(this);
  private final Enforcement enforcement;
  private final FanOut listeners;

  /**
   * Makes a governor. {@link #start} has to follow for what runs in the background.
   *
   * @param spec the budgets
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @param problems told, in a line each, of what went wrong on the governor's side
   */
  public Governor(GovernorSpec spec, LongSupplier clock, Consumer<String> problems) {
    this.clock = clock;
    this.problems = problems;
    this.listeners = new FanOut(problems);
    this.totals = new Totals(this, spec);
    this.attention = new Attention(this, spec.engines().size());
    this.enforcement = new Enforcement(attention, breachOrder);
    this.waiting = new WaitQueue(clock);
    this.calm = spec.thresholds().warning() - spec.thresholds().hysteresis();
    this.rebalancer = new Rebalancer(this, spec.rebalance(), spec.engines().size());
    this.breachOrder.add(rebalancer);
    this.housekeeper = new Housekeeper(this);
    List<Engine> all = new ArrayList<>();
    for (EngineSpec each : spec.engines()) {
      all.add(new Engine(this, all.size(), each, spec.thresholds()));
    }
    this.table = new EngineTable(all);
    this.engines = table.all();
    this.slots = table.slots();
  }

  /** Starts the background thread: pressure from unconditional charges, leaked reservations. */
  public void start() {
    housekeeper.start();
  }

  /** Ends the background threads. Budgets go on. */
  public void stop() {
    housekeeper.stop();
    listeners.stop();
  }

  /**
   * The engines.
   *
   * @return in the order of their ids
   */
  public List<Engine> engines() {
    return engines;
  }

  /**
   * Finds an engine.
   *
   * @param name its name
   * @return the engine
   * @throws UnknownEngineException if there is none
   */
  public Engine engine(String name) {
    if (name != null) {
      // Mostly a constant, whose hash the compiler knows; and no call that others made megamorphic.
      Engine there = slots[name.hashCode() & (slots.length - 1)];
      if (there != null && there.engine() == name) {
        return there;
      }
    }
    return table.get(name);
  }

  /**
   * The engines' names.
   *
   * @return in the order of their ids
   */
  public Collection<String> names() {
    return table.names();
  }

  /**
   * Bound of the sum over engines.
   *
   * @return bytes
   */
  public long ceiling() {
    return totals.ceiling();
  }

  /**
   * Bound of the heap ledgers' sum.
   *
   * @return bytes
   */
  public long heapCeiling() {
    return totals.heapCeiling();
  }

  /**
   * Bytes in use over all engines, without what threads hold ahead of use.
   *
   * @return bytes
   */
  public long usedNow() {
    return totals.usedNow();
  }

  /**
   * Raises the process's pressure beyond what engines use: by what it occupies.
   *
   * @param share of what it may occupy; empty for no more
   */
  public void occupied(Optional<Double> share) {
    totals.occupied(share);
  }

  /**
   * All figures.
   *
   * @return the figures now
   */
  public GovernorSnapshot snapshot() {
    return new GovernorSnapshot(
        totals.ceiling(),
        totals.heapCeiling(),
        totals.usedNow(),
        totals.peak(),
        totals.pressure(),
        limits.still(() -> engines.stream().map(Engine::snapshot).toList()));
  }

  /**
   * The process's pressure.
   *
   * @return the level
   */
  public PressureLevel pressure() {
    return totals.pressure();
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#reserve}.
   *
   * @param name the engine
   * @param bytes how many
   * @return the reservation
   */
  public Reservation reserve(String name, long bytes) {
    return engine(name).leases.reserve(Engine.notNegative(bytes), true);
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#tryReserve}.
   *
   * @param name the engine
   * @param bytes how many
   * @return the reservation, or empty
   */
  public Optional<Reservation> tryReserve(String name, long bytes) {
    return Optional.ofNullable(engine(name).leases.reserve(Engine.notNegative(bytes), false));
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#requireRoom}.
   *
   * @param name the engine
   * @param bytes how many
   */
  public void requireRoom(String name, long bytes) {
    Engine engine = engine(name);
    if (Engine.notNegative(bytes) > 0) {
      engine.requireRoom(LedgerKind.RESERVED, bytes, bytes, BreachMode.INHERIT);
    }
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#charge}.
   *
   * @param name the engine
   * @param bytes how many
   */
  public void charge(String name, long bytes) {
    Engine engine = engine(name);
    engine.charge(LedgerKind.RESERVED, bytes);
    engine.charged.add(bytes);
    Recall.overBounds(this, engine);
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#release}.
   *
   * @param name the engine
   * @param bytes how many
   */
  public void release(String name, long bytes) {
    engine(name).charged.release(Engine.notNegative(bytes));
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#transfer}.
   *
   * @param from the engine that gives
   * @param to the engine that gets
   * @param bytes how many
   */
  public void transfer(String from, String to, long bytes) {
    Engine giver = engine(from);
    Engine taker = engine(to);
    if (Engine.notNegative(bytes) > 0 && giver != taker) {
      giver.charged.transfer(taker, bytes);
    }
  }

  /**
   * Tells listeners that a ledger did not agree with what it stands for.
   *
   * @param drift what was found
   */
  public void drifted(Drift drift) {
    listeners.onDrift(drift);
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#setLimit}.
   *
   * @param name the engine
   * @param bytes the new limit
   */
  public void setLimit(String name, long bytes) {
    Engine engine = engine(name);
    limits.set(engine, Engine.notNegative(bytes));
  }

  /**
   * What moves idle budget.
   *
   * @return the rebalancer
   */
  public Rebalancer rebalancer() {
    return rebalancer;
  }

  Limits limits() {
    return limits;
  }

  /** The share of a limit up to which pressure is normal, whatever it was before. */
  double calm() {
    return calm;
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#onPressure}.
   *
   * @param listener the listener
   * @return closes the registration
   */
  public Registration onPressure(PressureListener listener) {
    return listeners.add(listener);
  }

  /**
   * Adds a view.
   *
   * @param listener the view
   * @return closes the registration
   */
  public Registration addListener(GovernorListener listener) {
    return listeners.add(listener);
  }

  /**
   * Adds a step to the breach order, after those added before for the same or an earlier stage.
   *
   * @param step the step
   */
  public void addRelief(ReliefStep step) {
    breachOrder.add(step);
  }

  /**
   * Has something done about once a second from now on, on the governor's own thread.
   *
   * @param chore what; must not block, nor throw
   */
  public void everySecond(Runnable chore) {
    housekeeper.everySecond(chore);
  }

  /**
   * Takes into account what is dead already, as a breach does before it refuses.
   *
   * @param engine the engine
   * @param missing bytes hoped for; less is done if they are found early
   */
  public void verify(Engine engine, long missing) {
    breachOrder.verify(engine, missing);
  }

  /**
   * Runs an engine's spill handler on this thread: its requests may draw on what the engine has set
   * aside, go without relief and never wait.
   *
   * @param engine the engine
   * @param handler what to run
   * @return bytes this thread released to the engine meanwhile
   */
  public long asHandler(Engine engine, Runnable handler) {
    return handlers.run(engine, handler);
  }

  /**
   * What holds running code to budgets.
   *
   * @return the enforcement
   */
  public Enforcement enforcement() {
    return enforcement;
  }

  LongSupplier clock() {
    return clock;
  }

  FanOut listener() {
    return listeners;
  }

  Totals totals() {
    return totals;
  }

  LeaseLeaks leaks() {
    return leaks;
  }

  void problem(String line) {
    problems.accept(line);
  }

  /** After an unconditional charge, which may come from a JVMTI callback: takes no lock. */
  void charged(Engine engine, long engineUsed, long totalUsed) {
    attention.charged(engine, engineUsed, totalUsed);
    engine.bandMoved(engineUsed);
    if (engine.gauge.due(engineUsed) || totals.gauge.due(totalUsed)) {
      housekeeper.wake();
    }
  }

  /** After a release: somebody may have waited for it. */
  void lowered() {
    attention.lowered();
    waiting.wake();
  }
}
