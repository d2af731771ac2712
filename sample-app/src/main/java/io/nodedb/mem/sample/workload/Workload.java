package io.nodedb.mem.sample.workload;

import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.Scenario;
import io.nodedb.mem.sample.bridge.Lane;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.Meter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Clients for all engines at once: each sends a request through its engine's lane, waits for the
 * answer, and sends the next. Started, watched and stopped by one thread.
 */
public final class Workload {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int STORM_CLIENTS = 4;
  private static final int FLOOD_CLIENTS = 6;

  /** Of the engine with most clients: two requests at once are under way there, the others queue. */
  private static final int CROWD_WORKERS = 2;

  /**
   * How clients share the processors, which no budget of memory does.
   *
   * @param thinkMillis for how long clients think after each answer, on average; those of a storm never
   *     do
   * @param bulkNice the nice value of the threads that send a storm's requests and work for them, 0 to 19
   */
  public record Manners(int thinkMillis, int bulkNice) {}

  private final Context context;
  private final Manners manners;
  private final List<Engine> engines;
  private final List<Lane> lanes = new ArrayList<>();
  private final List<Thread> clients = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(2026);
  private volatile boolean stopped;

  /** What all clients share. */
  record Context(Map<String, Meter> meters, Failures failures, BooleanSupplier stopped) {
    Meter bridge() {
      return meters.get(Engines.BRIDGE);
    }
  }

  /**
   * Makes a workload that does not run yet.
   *
   * @param engines the engines, loaded
   * @param meters their meters and the bridge's, by name
   * @param failures gets what goes wrong
   * @param manners how clients share the processors
   */
  public Workload(
      List<Engine> engines, Map<String, Meter> meters, Failures failures, Manners manners) {
    this.engines = engines;
    this.manners = manners;
    this.context = new Context(meters, failures, () -> stopped);
  }

  /**
   * Starts the clients.
   *
   * @param scenario how many, and what for
   * @param attack what a client of a query storm or of a native flood sends
   */
  public void start(Scenario scenario, Function<SplittableRandom, byte[]> attack) {
    for (Engine engine : engines) {
      boolean crowded = engine.name().equals(scenario.crowded());
      if (crowded && engine.name().equals(Engines.TIMESERIES)) {
        crowd(engine, engine::request, FLOOD_CLIENTS);
        continue;
      }
      start(
          engine, engine::request, 1, manners.thinkMillis(),
          new Lane(engine, 1, 0, context.bridge()));
      if (crowded) {
        crowd(
            engine,
            scenario.attacked() == null ? engine::request : attack,
            engine.name().equals(Engines.QUERY) ? STORM_CLIENTS : FLOOD_CLIENTS);
      }
    }
    clients.forEach(Thread::start);
  }

  /** More requests than the engine has workers: their wait for one is not the bridge's doing. */
  private void crowd(Engine engine, Function<SplittableRandom, byte[]> requests, int senders) {
    Lane lane = new Lane(engine, CROWD_WORKERS, manners.bulkNice(), new Meter());
    start(engine, requests, senders, 0, lane);
  }

  private void start(
      Engine engine,
      Function<SplittableRandom, byte[]> requests,
      int senders,
      int thinkMillis,
      Lane lane) {
    lanes.add(lane);
    for (int i = 0; i < senders; i++) {
      clients.add(Thread.ofPlatform()
          .name(engine.name() + "-client-" + i)
          .daemon()
          .unstarted(
              new Client(engine, requests, lane, thinkMillis * 1e6, context, random.split())));
    }
  }

  /**
   * Ends the clients, each after its current request, which is cut short if the engine can do that.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  public void stop() throws InterruptedException {
    stopped = true;
    engines.forEach(Engine::cancel);
    for (Thread client : clients) {
      if (!client.join(PATIENCE)) {
        context.failures().add(client.getName() + " got no answer for " + PATIENCE.toSeconds()
            + " s after the end of the run");
      }
    }
    lanes.forEach(Lane::close);
  }
}
