package io.nodedb.mem.benchmarks.spill;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Registration;
import io.nodedb.mem.Reservation;
import java.util.Arrays;
import java.util.concurrent.SynchronousQueue;

/**
 * Time from just before the request that passes {@code spill.start} to the first line of the handler,
 * on another thread. Needs the agent. Prints percentiles in microseconds.
 */
public final class SpillLatency {
  private static final int ROUNDS = 5_000;
  private static final int WARM_UP = 2_000;

  private SpillLatency() {}

  /**
   * Measures.
   *
   * @param args ignored
   * @throws InterruptedException if interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    MemoryGovernor governor = MemoryGovernor.get();
    long limit = governor.snapshot(Engines.QUERY).limit();
    SynchronousQueue<Long> called = new SynchronousQueue<>();
    Reservation data = governor.reserve(Engines.QUERY, limit / 2);
    long[] nanos = new long[ROUNDS];
    try (Registration _ =
        governor.registerSpillable(
            Engines.QUERY,
            (wanted, context) -> {
              long now = System.nanoTime();
              data.resize(limit / 2);
              hand(called, now);
              return wanted;
            })) {
      for (int i = -WARM_UP; i < ROUNDS; i++) {
        long began = System.nanoTime();
        data.resize(limit / 100 * 91);
        long took = called.take() - began;
        if (i >= 0) {
          nanos[i] = took;
        }
        // The dispatcher goes to sleep again, as between two shortages in earnest.
        Thread.sleep(1);
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        "spill.start passed to first call: median %.0f us, p90 %.0f us, p99 %.0f us, most %.0f us%n",
        nanos[ROUNDS / 2] / 1e3,
        nanos[ROUNDS * 9 / 10] / 1e3,
        nanos[ROUNDS * 99 / 100] / 1e3,
        nanos[ROUNDS - 1] / 1e3);
  }

  private static void hand(SynchronousQueue<Long> to, long value) {
    try {
      to.put(value);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
