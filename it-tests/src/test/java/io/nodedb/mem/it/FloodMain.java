package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.sample.engine.Meter;
import io.nodedb.mem.sample.timeseries.TimeSeriesEngine;
import io.nodedb.mem.sample.timeseries.TimeSeriesEngine.Pace;
import io.nodedb.mem.sample.wal.WriteAheadLog;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The sample's time series engine, fed faster than it can flush until it has refused often. */
final class FloodMain {
  private static final int REFUSALS = 40;
  private static final int MOST = 20_000;

  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  private FloodMain() {}

  public static void main(String[] args) throws Exception {
    Path logs = Files.createDirectory(Path.of(args[0]).resolve("wal"));
    Path segments = Files.createDirectory(Path.of(args[0]).resolve("segments"));
    try (WriteAheadLog log = new WriteAheadLog(logs, false, new Meter());
        TimeSeriesEngine engine = new TimeSeriesEngine(null, segments, logs, log, Pace.FLOOD)) {
      engine.load();
      int hosts = hosts(engine);
      FloodMain main = new FloodMain();
      Thread crowd = Thread.ofPlatform().daemon().start(FloodMain::crowd);
      CompletableFuture<Void> other = CompletableFuture.runAsync(() -> main.flood(engine, 1));
      main.flood(engine, 2);
      other.join();
      crowd.interrupt();
      crowd.join();
      System.out.println("refused=" + main.refused.get());
      System.out.println("lost=" + (hosts - hosts(engine)));
      System.out.println("verified=" + engine.verify());
    }
  }

  /** How many hosts can send: one whose request is under way cannot. */
  private static int hosts(TimeSeriesEngine engine) {
    SplittableRandom random = new SplittableRandom(3);
    Set<Integer> hosts = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      byte[] request = engine.request(random);
      if (request.length > Integer.BYTES) {
        hosts.add(ByteBuffer.wrap(request).getInt());
      }
      engine.over(request);
    }
    return hosts.size();
  }

  /** The engine is over its limit all of a sudden, at any point of a request, every two milliseconds. */
  private static void crowd() {
    MemoryGovernor governor = MemoryGovernor.get();
    long bytes = 80L << 20;
    while (!Thread.currentThread().isInterrupted()) {
      governor.charge(Engines.TIMESERIES, bytes);
      LockSupport.parkNanos(1_000_000);
      governor.release(Engines.TIMESERIES, bytes);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Whatever is refused is sent again; what is read must be what was stored. */
  private void flood(TimeSeriesEngine engine, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    while (refused.get() < REFUSALS && sent.incrementAndGet() < MOST) {
      byte[] request = engine.request(random);
      try {
        engine.execute(request);
      } catch (BudgetExceededException e) {
        refused.incrementAndGet();
      } catch (Exception e) {
        throw new IllegalStateException("after " + refused.get() + " refusals", e);
      } finally {
        engine.over(request);
      }
    }
  }
}
