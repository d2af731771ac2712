package io.nodedb.mem.metrics;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.NativeSnapshot;
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
  private record Reading(
      GovernorSnapshot all, Resident resident, NativeSnapshot natives, long nanos) {}

  private final Supplier<GovernorSnapshot> snapshots;
  private final LongFunction<Resident> residents;
  private final Supplier<NativeSnapshot> natives;
  private final LongSupplier clock;
  private volatile Reading last;

  Figures(
      Supplier<GovernorSnapshot> snapshots,
      LongFunction<Resident> residents,
      Supplier<NativeSnapshot> natives,
      LongSupplier clock) {
    this.snapshots = snapshots;
    this.residents = residents;
    this.natives = natives;
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

  /** Of the whole native allocator. */
  ArenaFigures natives() {
    return reading().natives().global();
  }

  /** Of one engine's arenas. */
  ArenaFigures natives(String engine) {
    return reading()
        .natives()
        .of(engine)
        .map(NativeSnapshot.EngineFigures::figures)
        .orElse(ArenaFigures.NONE);
  }

  /** Two threads may read at the same time; either reading is good. */
  private Reading reading() {
    long now = clock.getAsLong();
    Reading known = last;
    if (known == null || now - known.nanos() > FRESH) {
      GovernorSnapshot all = snapshots.get();
      known = new Reading(all, residents.apply(all.used()), natives.get(), now);
      last = known;
    }
    return known;
  }
}
