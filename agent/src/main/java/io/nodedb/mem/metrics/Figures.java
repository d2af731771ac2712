package io.nodedb.mem.metrics;

import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.resident.Resident;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One reading for all gauges that are asked about the same moment, for a registry asks them one by
 * one. Thread-safe.
 */
final class Figures {
  private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(100);

  /** A reading and its time. */
  private record Reading(GovernorSnapshot all, Resident resident, long nanos) {}

  private final Supplier<GovernorSnapshot> snapshots;
  private final LongFunction<Resident> residents;
  private final LongSupplier clock;
  private volatile Reading last;

  Figures(
      Supplier<GovernorSnapshot> snapshots,
      LongFunction<Resident> residents,
      LongSupplier clock) {
    this.snapshots = snapshots;
    this.residents = residents;
    this.clock = clock;
  }

  GovernorSnapshot all() {
    return reading().all();
  }

  EngineSnapshot engine(int id) {
    return all().engines().get(id);
  }

  Resident resident() {
    return reading().resident();
  }

  /** Two threads may read at the same time; either reading is good. */
  private Reading reading() {
    long now = clock.getAsLong();
    Reading known = last;
    if (known == null || now - known.nanos() > FRESH) {
      GovernorSnapshot all = snapshots.get();
      known = new Reading(all, residents.apply(all.used()), now);
      last = known;
    }
    return known;
  }
}
