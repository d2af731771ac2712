package io.nodedb.mem.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.Rebalance;
import io.nodedb.mem.heap.SampleListener;
import io.nodedb.mem.mapped.MappingListener.Cause;
import io.nodedb.mem.mapped.MappingListener.Eviction;
import io.nodedb.mem.resident.ResidentProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told to the view against what a recording holds. */
class FlightRecorderViewTest {
  private static final long MIB = 1 << 20;
  private static final NativeSnapshot NATIVES =
      new NativeSnapshot(
          "of a test",
          true,
          true,
          new ArenaFigures(600, 800, 1000, 2000, 200, 50, 0),
          List.of(
              new NativeSnapshot.EngineFigures(
                  "query", 25, 5, List.of(3), new ArenaFigures(30, 40, 50, 60, 10, 5, 0))));

  private final Governor governor =
      Budgets.ceiling(100 * MIB)
          .heapCeiling(80 * MIB)
          .engine("query", 40 * MIB)
          .engine("vector", 60 * MIB, 0, BreachMode.OBSERVE, Duration.ZERO)
          .governor();

  private final AtomicReference<SampleListener> samples = new AtomicReference<>();
  private final FlightRecorderView view = new FlightRecorderView(governor);

  @TempDir Path dir;

  @AfterEach
  void closeAll() {
    view.close();
    governor.stop();
  }

  private void start() {
    view.start(
        governor::snapshot,
        new ResidentProbe()::read,
        () -> NATIVES,
        () -> 12_345,
        samples::set);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void breachIsRecordedOnItsThreadWithItsFigures(boolean recordingFirst) throws Exception {
    try (Recording recording = new Recording()) {
      if (recordingFirst) {
        recording.start();
        start();
      } else {
        start();
        recording.start();
      }
      governor.charge("query", 10 * MIB);
      assertThatThrownBy(() -> reserveTooMuch("query"))
          .isInstanceOf(BudgetExceededException.class);
      reserveTooMuch("vector").close();
      List<RecordedEvent> breaches = stop(recording, "BudgetBreach");

      assertThat(breaches).hasSize(2);
      RecordedEvent refused = breaches.getFirst();
      assertThat(refused.getString("engine")).isEqualTo("query");
      assertThat(refused.getString("ledger")).isEqualTo("reserved");
      assertThat(refused.getLong("requested")).isEqualTo(99 * MIB);
      assertThat(refused.getLong("used")).isEqualTo(10 * MIB);
      assertThat(refused.getLong("limit")).isEqualTo(40 * MIB);
      assertThat(refused.getString("bound")).isEqualTo("ENGINE");
      assertThat(refused.getString("outcome")).isEqualTo("REJECTED");
      assertThat(refused.getBoolean("verifiedByGc")).isFalse();
      assertThat(refused.getThread().getJavaThreadId())
          .isEqualTo(Thread.currentThread().threadId());
      assertThat(refused.getStackTrace().getFrames())
          .anyMatch(frame -> frame.getMethod().getName().equals("reserveTooMuch"));
      assertThat(breaches.getLast().getString("outcome")).isEqualTo("OBSERVED");
    }
  }

  private Reservation reserveTooMuch(String engine) {
    return governor.reserve(engine, 99 * MIB);
  }

  @Test
  void periodicEventsShowEveryEngineAndTheProcess() throws Exception {
    try (Recording recording = new Recording()) {
      // So that both come at the chunk's end, and no test has to wait for a period to pass.
      recording.enable("io.nodedb.mem.EngineUsage").with("period", "endChunk");
      recording.enable("io.nodedb.mem.Resident").with("period", "endChunk");
      start();
      recording.start();
      governor.charge("query", 30 * MIB);
      List<RecordedEvent> all = stop(recording, "");

      List<RecordedEvent> usage = named(all, "EngineUsage");
      assertThat(usage).extracting(e -> e.getString("engine")).containsExactly("query", "vector");
      RecordedEvent query = usage.getFirst();
      assertThat(query.getLong("used")).isEqualTo(30 * MIB);
      assertThat(query.getLong("reserved")).isEqualTo(30 * MIB);
      assertThat(query.getLong("limit")).isEqualTo(40 * MIB);
      assertThat(query.getFloat("utilization")).isEqualTo(0.75f);
      assertThat(query.getLong("peak")).isEqualTo(30 * MIB);
      assertThat(query.getString("pressure")).isEqualTo("WARNING");
      assertThat(query.getString("mode")).isEqualTo("reject");
      assertThat(usage.getLast().getLong("used")).isZero();
      RecordedEvent resident = named(all, "Resident").getFirst();
      assertThat(resident.getLong("ceiling")).isEqualTo(100 * MIB);
      assertThat(resident.getLong("used")).isEqualTo(30 * MIB);
      assertThat(resident.getLong("mappedResident")).isEqualTo(12_345);
      assertThat(resident.getLong("heapCommitted"))
          .isGreaterThanOrEqualTo(resident.getLong("heapUsed"));
      assertThat(natives(resident)).isEqualTo(NATIVES.global());
      assertThat(resident.getFloat("nativeFragmentation")).isEqualTo(0.25f);
      assertThat(natives(query)).isEqualTo(NATIVES.of("query").orElseThrow().figures());
      assertThat(natives(usage.getLast())).as("of an engine without").isEqualTo(ArenaFigures.NONE);
    }
  }

  /** Caches are not shown. */
  private static ArenaFigures natives(RecordedEvent event) {
    return new ArenaFigures(
        event.getLong("nativeAllocated"),
        event.getLong("nativeActive"),
        event.getLong("nativeResident"),
        event.getLong("nativeMapped"),
        event.getLong("nativeDirty"),
        event.getLong("nativeRetained"),
        0);
  }

  @Test
  void whatViewsAreToldIsRecorded() throws Exception {
    try (Recording recording = new Recording()) {
      start();
      recording.start();
      view.assisting();
      view.assisted("query", 1, 70, 50, "sampled");
      view.onOverRelease("query", 7, 3);
      view.onLeak("vector", 9, new Throwable("made here"));
      view.onRebalance(new Rebalance("vector", "query", 5, 55, 45, Rebalance.Reason.LENT));
      samples.get().sampled("query", String.class, 1234);
      Path region = Path.of("/data/region");
      view.evicted(new Eviction("wal", "log", Path.of("/data/f"), 4096, 8192, Cause.REPLACED));
      view.grew(region, "query", 64, 128);
      view.checkpointed(region, 7, 3, 1500, null);
      view.checkpointed(region, 8, 3, 1500, new IllegalStateException("no room"));
      List<RecordedEvent> all = stop(recording, "");

      RecordedEvent move = named(all, "Rebalance").getFirst();
      assertThat(move.getString("from")).isEqualTo("vector");
      assertThat(move.getString("to")).isEqualTo("query");
      assertThat(move.getLong("bytes")).isEqualTo(5);
      assertThat(move.getLong("fromLimit")).isEqualTo(55);
      assertThat(move.getLong("toLimit")).isEqualTo(45);
      assertThat(move.getString("reason")).isEqualTo("LENT");
      RecordedEvent assist = named(all, "GcAssist").getFirst();
      assertThat(assist.getLong("freed")).isEqualTo(20);
      assertThat(assist.getString("accounting")).isEqualTo("sampled");
      assertThat(assist.getDuration().toNanos()).isPositive();
      RecordedEvent over = named(all, "OverRelease").getFirst();
      assertThat(over.getLong("excess")).isEqualTo(7);
      assertThat(over.getLong("count")).isEqualTo(3);
      RecordedEvent leak = named(all, "ReservationLeak").getFirst();
      assertThat(leak.getLong("bytes")).isEqualTo(9);
      assertThat(leak.getString("madeAt")).contains("made here", getClass().getName());
      RecordedEvent eviction = named(all, "WindowEviction").getFirst();
      assertThat(eviction.getString("engine")).isEqualTo("wal");
      assertThat(eviction.getString("field")).isEqualTo("log");
      assertThat(eviction.getString("file")).isEqualTo("/data/f");
      assertThat(eviction.getLong("offset")).isEqualTo(4096);
      assertThat(eviction.getLong("size")).isEqualTo(8192);
      assertThat(eviction.getString("cause")).isEqualTo("replaced");
      RecordedEvent growth = named(all, "OverflowGrowth").getFirst();
      assertThat(growth.getString("region")).isEqualTo("/data/region");
      assertThat(growth.getLong("from")).isEqualTo(64);
      assertThat(growth.getLong("to")).isEqualTo(128);
      List<RecordedEvent> checkpoints = named(all, "Checkpoint");
      assertThat(checkpoints).hasSize(2);
      assertThat(checkpoints.get(0).getLong("sequence")).isEqualTo(7);
      assertThat(checkpoints.get(0).getDuration("took").toNanos()).isEqualTo(1500);
      assertThat(checkpoints.get(0).getString("failure")).isNull();
      assertThat(checkpoints.get(1).getString("failure")).contains("no room");
      RecordedEvent sample = named(all, "AllocationSample").getFirst();
      assertThat(sample.getClass("objectClass").getName()).isEqualTo("java.lang.String");
      assertThat(sample.getLong("weight")).isEqualTo(1234);
    }
  }

  @Test
  void everyEventIsDescribedForTools() {
    try (Recording recording = new Recording()) {
      start();
      recording.start();
      List<EventType> types = registered();
      assertThat(types).hasSameSizeAs(Recorder.EVENTS).isNotEmpty();
      for (EventType type : types) {
        assertThat(type.getAnnotation(Category.class).value()).containsExactly("NodeDB Memory");
        assertThat(type.getAnnotation(Description.class)).isNotNull();
        assertThat(type.getLabel()).isNotNull();
        assertThat(type.getFields()).allSatisfy(f -> assertThat(f.getLabel()).isNotNull());
      }
    }
  }

  @Test
  void closingUnregistersWhatWasRegistered() {
    try (Recording recording = new Recording()) {
      start();
      recording.start();
      assertThat(registered()).isNotEmpty();
      view.close();
      assertThat(registered()).isEmpty();
      assertThat(samples).hasNullValue();
    }
  }

  private static List<EventType> registered() {
    return FlightRecorder.getFlightRecorder().getEventTypes().stream()
        .filter(type -> type.getName().startsWith(MemoryEvent.PREFIX))
        .toList();
  }

  private List<RecordedEvent> stop(Recording recording, String name) throws Exception {
    recording.stop();
    Path file = dir.resolve("recording.jfr");
    recording.dump(file);
    return named(RecordingFile.readAllEvents(file), name);
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(e -> e.getEventType().getName().startsWith(MemoryEvent.PREFIX + name))
        .toList();
  }
}
