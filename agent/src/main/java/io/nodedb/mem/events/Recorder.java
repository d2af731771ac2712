package io.nodedb.mem.events;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.NativeSnapshot.EngineFigures;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.governor.Breach;
import io.nodedb.mem.governor.Drift;
import io.nodedb.mem.governor.Rebalance;
import io.nodedb.mem.heap.SampleFrames;
import io.nodedb.mem.mapped.MappingListener.Eviction;
import io.nodedb.mem.resident.Resident;
import io.nodedb.mem.spill.SpillReport;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

/** Turns what happens into events. Made once the recorder is initialized. Thread-safe. */
final class Recorder {
  /** Every event; the table in the documentation is tested against it. */
  static final List<Class<? extends MemoryEvent>> EVENTS =
      List.of(
          PressureTransitionEvent.class,
          BudgetBreachEvent.class,
          RebalanceEvent.class,
          GcAssistEvent.class,
          AllocationSampleEvent.class,
          EngineUsageEvent.class,
          ResidentEvent.class,
          ReservationLeakEvent.class,
          LedgerDriftEvent.class,
          OverReleaseEvent.class,
          WindowEvictionEvent.class,
          OverflowGrowthEvent.class,
          CheckpointEvent.class,
          SpillEvent.class,
          RestoreEvent.class);

  private final Supplier<GovernorSnapshot> snapshots;
  private final LongFunction<Resident> residents;
  private final Supplier<NativeSnapshot> natives;
  private final LongSupplier mappedResident;

  /** The same objects to register and to unregister. */
  private final Runnable usage = this::usage;

  private final Runnable resident = this::resident;

  /** The assisted collection under way; there is one at a time, begun and ended by one thread. */
  private GcAssistEvent assist;

  Recorder(
      Supplier<GovernorSnapshot> snapshots,
      LongFunction<Resident> residents,
      Supplier<NativeSnapshot> natives,
      LongSupplier mappedResident) {
    this.mappedResident = mappedResident;
    this.snapshots = snapshots;
    this.residents = residents;
    this.natives = natives;
  }

  /** Makes every event known, so that recordings list also those that did not happen. */
  void register() {
    for (Class<? extends Event> event : EVENTS) {
      FlightRecorder.register(event);
    }
    FlightRecorder.addPeriodicEvent(EngineUsageEvent.class, usage);
    FlightRecorder.addPeriodicEvent(ResidentEvent.class, resident);
    // Initializes what a sample would else initialize in the middle of an allocation.
    sampled("", Object.class, 0);
  }

  void unregister() {
    FlightRecorder.removePeriodicEvent(usage);
    FlightRecorder.removePeriodicEvent(resident);
    for (Class<? extends Event> event : EVENTS) {
      FlightRecorder.unregister(event);
    }
  }

  void transition(PressureTransition transition) {
    PressureTransitionEvent event = new PressureTransitionEvent();
    if (event.isEnabled()) {
      event.engine = transition.engine().orElse("global");
      event.from = transition.from().name();
      event.to = transition.to().name();
      event.used = transition.used();
      event.limit = transition.limit();
      event.cause = transition.cause();
      event.commit();
    }
  }

  void breach(Breach breach) {
    BudgetBreachEvent event = new BudgetBreachEvent();
    if (event.isEnabled()) {
      event.engine = breach.engine();
      event.ledger = lower(breach.kind());
      event.requested = breach.requested();
      event.used = breach.used();
      event.limit = breach.limit();
      event.bound = breach.bound().name();
      event.outcome = breach.outcome().name();
      event.verifiedByGc = breach.verified();
      event.waited = breach.waitedNanos();
      event.commit();
    }
  }

  void rebalanced(Rebalance move) {
    RebalanceEvent event = new RebalanceEvent();
    if (event.isEnabled()) {
      event.from = move.from();
      event.to = move.to();
      event.bytes = move.bytes();
      event.fromLimit = move.fromLimit();
      event.toLimit = move.toLimit();
      event.reason = move.reason().name();
      event.commit();
    }
  }

  void assisting() {
    GcAssistEvent event = new GcAssistEvent();
    event.begin();
    assist = event;
  }

  void assisted(String engine, long heapBefore, long heapAfter, String accounting) {
    GcAssistEvent event = assist;
    assist = null;
    if (event == null) {
      return; // The recorder came in the middle.
    }
    event.end();
    if (event.shouldCommit()) {
      event.engine = engine;
      event.heapBefore = heapBefore;
      event.heapAfter = heapAfter;
      event.freed = heapBefore - heapAfter;
      event.accounting = accounting;
      event.commit();
    }
  }

  /** A handler's call begins. What to do when it has ended. */
  Consumer<SpillReport> spilling(boolean restoring) {
    return restoring ? restoring() : spilling();
  }

  private static Consumer<SpillReport> spilling() {
    SpillEvent event = new SpillEvent();
    event.begin();
    return report -> {
      event.end();
      if (event.shouldCommit()) {
        event.engine = report.engine();
        event.handler = report.handler();
        event.wanted = report.wanted();
        event.freed = report.moved();
        event.claimed = report.claimed();
        event.awaited = report.awaited();
        event.failure = report.failure().orElse(null);
        event.commit();
      }
    };
  }

  private static Consumer<SpillReport> restoring() {
    RestoreEvent event = new RestoreEvent();
    event.begin();
    return report -> {
      event.end();
      if (event.shouldCommit()) {
        event.engine = report.engine();
        event.handler = report.handler();
        event.wanted = report.wanted();
        event.restored = report.moved();
        event.claimed = report.claimed();
        event.failure = report.failure().orElse(null);
        event.commit();
      }
    };
  }

  void overRelease(String engine, long excess, long count) {
    OverReleaseEvent event = new OverReleaseEvent();
    if (event.isEnabled()) {
      event.engine = engine;
      event.excess = excess;
      event.count = count;
      event.commit();
    }
  }

  void leak(String engine, long bytes, Throwable made) {
    ReservationLeakEvent event = new ReservationLeakEvent();
    if (event.isEnabled()) {
      event.engine = engine;
      event.bytes = bytes;
      event.madeAt = made == null ? null : trace(made);
      event.commit();
    }
  }

  void drift(Drift drift) {
    LedgerDriftEvent event = new LedgerDriftEvent();
    if (event.isEnabled()) {
      event.engine = drift.engine();
      event.ledger = lower(drift.ledger());
      event.measure = drift.measure();
      event.charged = drift.charged();
      event.measured = drift.measured();
      event.healed = drift.healed();
      event.commit();
    }
  }

  void evicted(Eviction eviction) {
    WindowEvictionEvent event = new WindowEvictionEvent();
    if (event.isEnabled()) {
      event.engine = eviction.engine();
      event.field = eviction.field();
      event.file = eviction.file().toString();
      event.offset = eviction.offset();
      event.size = eviction.bytes();
      event.cause = lower(eviction.cause());
      event.commit();
    }
  }

  void grew(Path region, String engine, long from, long to) {
    OverflowGrowthEvent event = new OverflowGrowthEvent();
    if (event.isEnabled()) {
      event.region = region.toString();
      event.engine = engine;
      event.from = from;
      event.to = to;
      event.commit();
    }
  }

  void checkpointed(Path region, long sequence, long slots, long nanos, Exception failure) {
    CheckpointEvent event = new CheckpointEvent();
    if (event.isEnabled()) {
      event.region = region.toString();
      event.sequence = sequence;
      event.slots = slots;
      event.took = nanos;
      event.failure = failure == null ? null : failure.toString();
      event.commit();
    }
  }

  /** On the allocating thread, in the middle of an allocation: see {@code SampleListener}. */
  void sampled(String engine, Class<?> type, long weight) {
    AllocationSampleEvent event = new AllocationSampleEvent();
    // The throttle comes first, as it is cheap and looking at the stack is not.
    if (event.isEnabled() && event.shouldCommit() && !SampleFrames.insideRecorder()) {
      event.engine = engine;
      event.objectClass = type;
      event.weight = weight;
      event.commit();
    }
  }

  private void usage() {
    NativeSnapshot memory = natives.get();
    for (EngineSnapshot engine : snapshots.get().engines()) {
      EngineUsageEvent event = new EngineUsageEvent();
      event.engine = engine.name();
      event.used = engine.used();
      event.heap = engine.heap();
      event.nativeMemory = engine.nativeBytes();
      event.mapped = engine.mapped();
      event.reserved = engine.reserved();
      event.limit = engine.limit();
      event.utilization = (float) (engine.utilizationPercent() / 100);
      event.peak = engine.peak();
      event.allocated = engine.allocated();
      event.pressure = engine.pressure().name();
      event.mode = lower(engine.mode());
      event.rejections = engine.rejections();
      event.overReleases = engine.overReleases();
      ArenaFigures arenas =
          memory.of(engine.name()).map(EngineFigures::figures).orElse(ArenaFigures.NONE);
      event.nativeAllocated = arenas.allocated();
      event.nativeActive = arenas.active();
      event.nativeResident = arenas.resident();
      event.nativeMapped = arenas.mapped();
      event.nativeDirty = arenas.dirty();
      event.nativeRetained = arenas.retained();
      event.nativeFragmentation = (float) arenas.fragmentation();
      event.commit();
    }
  }

  private void resident() {
    GovernorSnapshot all = snapshots.get();
    Resident now = residents.apply(all.used());
    ResidentEvent event = new ResidentEvent();
    event.rss = now.rss();
    event.ceiling = all.ceiling();
    event.used = all.used();
    event.jvm = now.jvm();
    event.unattributed = now.unattributed();
    event.heapCommitted = now.heapCommitted();
    event.heapUsed = now.heapUsed();
    event.groupHeld = now.groupHeld();
    event.groupLimit = now.groupLimit();
    event.stalled = (float) (now.stalled() < 0 ? -1 : now.stalled() / 100);
    ArenaFigures arenas = natives.get().global();
    event.nativeAllocated = arenas.allocated();
    event.nativeActive = arenas.active();
    event.nativeResident = arenas.resident();
    event.nativeMapped = arenas.mapped();
    event.nativeDirty = arenas.dirty();
    event.nativeRetained = arenas.retained();
    event.nativeFragmentation = (float) arenas.fragmentation();
    event.mappedResident = mappedResident.getAsLong();
    event.commit();
  }

  /** As the configuration spells it. */
  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String trace(Throwable made) {
    StringWriter text = new StringWriter();
    made.printStackTrace(new PrintWriter(text));
    return text.toString().strip();
  }
}
