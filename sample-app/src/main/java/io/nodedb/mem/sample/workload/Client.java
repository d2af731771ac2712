package io.nodedb.mem.sample.workload;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.sample.bridge.Call;
import io.nodedb.mem.sample.bridge.Lane;
import io.nodedb.mem.sample.engine.Causes;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.Meter;
import io.nodedb.mem.sample.report.Fatal;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Sends one request after the other, thinks after an answer if it is one that thinks, and waits a
 * moment after a refusal.
 */
final class Client implements Runnable {
  private static final long PAUSE_NANOS = 5_000_000;

  private final Engine engine;
  private final Function<SplittableRandom, byte[]> requests;
  private final Lane lane;
  private final double thinkNanos;
  private final Meter meter;
  private final Meter bridge;
  private final Failures failures;
  private final BooleanSupplier stopped;
  private final SplittableRandom random;

  Client(
      Engine engine,
      Function<SplittableRandom, byte[]> requests,
      Lane lane,
      double thinkNanos,
      Workload.Context context,
      SplittableRandom random) {
    this.engine = engine;
    this.requests = requests;
    this.lane = lane;
    this.thinkNanos = thinkNanos;
    this.meter = context.meters().get(engine.name());
    this.bridge = context.bridge();
    this.failures = context.failures();
    this.stopped = context.stopped();
    this.random = random;
  }

  @Override
  public void run() {
    try {
      lane.lowerSender();
      while (!stopped.getAsBoolean()) {
        byte[] request = requests.apply(random);
        try {
          send(request);
        } finally {
          engine.over(request);
        }
        think();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      judge(e);
    }
  }

  /** For a time distributed as that of independent users is, negative exponentially. */
  private void think() {
    if (thinkNanos > 0) {
      LockSupport.parkNanos((long) (-Math.log(1 - random.nextDouble()) * thinkNanos));
    }
  }

  private void send(byte[] request) throws InterruptedException {
    long start = System.nanoTime();
    Call call;
    try {
      call = lane.submit(request);
    } catch (BudgetExceededException e) {
      bridge.refused();
      LockSupport.parkNanos(PAUSE_NANOS);
      return;
    }
    Throwable thrown = call.await();
    if (thrown == null) {
      meter.done(System.nanoTime() - start);
    } else {
      judge(thrown);
    }
  }

  private void judge(Throwable thrown) {
    Fatal.exitIfOutOfMemory(engine.name(), thrown);
    if (Causes.has(thrown, BudgetExceededException.class)) {
      meter.refused();
      LockSupport.parkNanos(PAUSE_NANOS);
    } else if (!(thrown instanceof CancellationException)) {
      failures.add(engine.name() + ": " + thrown);
    }
  }
}
