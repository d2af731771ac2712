package io.nodedb.mem.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Drift;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorListener;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.heap.AllocationReading;
import io.nodedb.mem.heap.HeapReading;
import io.nodedb.mem.heap.HeapUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drift put into ledgers by hand, in both directions. */
class LedgerAuditTest {
  private static final long MIB = 1 << 20;

  private final AtomicLong clock = new AtomicLong();
  private final List<String> lines = new ArrayList<>();
  private final List<Drift> drifts = new ArrayList<>();
  private final Governor governor = governor();
  private final Engine engine = governor.engine("query");

  @ParameterizedTest
  @ValueSource(longs = {3 * MIB, -3 * MIB})
  void heapLedgerFollowsItsSamplesAfterTwoAudits(long drift) {
    engine.charge(LedgerKind.HEAP, 10 * MIB + drift);
    LedgerAudit audit = samples(10 * MIB);

    audit.pass();
    assertThat(engine.used(LedgerKind.HEAP)).isEqualTo(10 * MIB + drift);
    assertThat(drifts).isEmpty();

    audit.pass();
    assertThat(engine.used(LedgerKind.HEAP)).isEqualTo(10 * MIB);
    assertThat(governor.usedNow()).isEqualTo(10 * MIB);
    assertThat(drifts)
        .containsExactly(
            new Drift(
                "query", LedgerKind.HEAP, 10 * MIB + drift, 10 * MIB, -drift, "samples"));
    assertThat(lines)
        .containsExactly(
            "engine 'query': heap ledger: " + (10 * MIB + drift) + " bytes (expected: "
                + 10 * MIB + ", by samples); " + (drift > 0 ? "released " : "charged ")
                + 3 * MIB + " bytes");

    audit.pass();
    assertThat(drifts).hasSize(1);
  }

  @Test
  void disagreementThatPassesOrTurnsOrIsSmallIsNoDrift() {
    engine.charge(LedgerKind.HEAP, 10 * MIB);
    long[] tracked = {13 * MIB, 10 * MIB, 13 * MIB, 7 * MIB, 13 * MIB, 10 * MIB, 10 * MIB + 100};
    int[] audits = {0};
    LedgerAudit audit =
        audit(Comparisons.samples(governor, () -> reading(tracked[audits[0]++], engine)));
    for (int i = 0; i < tracked.length; i++) {
      audit.pass();
    }
    assertThat(drifts).isEmpty();
    assertThat(engine.used(LedgerKind.HEAP)).isEqualTo(10 * MIB);
  }

  @Test
  void samplesThatWeighALittleMoreThanTheHeapAreNoDrift() {
    // A standard error of 8 MiB.
    LedgerAudit audit =
        audit(Comparisons.heapUse(() -> new HeapUse(152 * MIB, 128 * MIB, (int) (MIB / 2))));
    audit.pass();
    audit.pass();
    assertThat(drifts).isEmpty();
  }

  @Test
  void ofTwoReadingsTheSmallerIsHealed() {
    engine.charge(LedgerKind.HEAP, 10 * MIB);
    long[] tracked = {4 * MIB, 8 * MIB};
    int[] audits = {0};
    LedgerAudit audit =
        audit(Comparisons.samples(governor, () -> reading(tracked[audits[0]++], engine)));
    audit.pass();
    audit.pass();
    assertThat(engine.used(LedgerKind.HEAP)).isEqualTo(8 * MIB);
  }

  @ParameterizedTest
  @ValueSource(longs = {3 * MIB, -2 * MIB})
  void reservedLedgerFollowsReservationsAlive(long drift) {
    LedgerAudit audit = audit(Comparisons.reservations(governor));
    try (Reservation large = governor.reserve("query", 4 * MIB);
        Reservation small = governor.reserve("query", 100)) {
      governor.charge("query", MIB);
      audit.pass();
      audit.pass();
      assertThat(drifts).isEmpty();

      long right = engine.used(LedgerKind.RESERVED);
      if (drift > 0) {
        engine.charge(LedgerKind.RESERVED, drift);
      } else {
        engine.release(LedgerKind.RESERVED, -drift);
      }
      audit.pass();
      audit.pass();
      assertThat(engine.used(LedgerKind.RESERVED)).isEqualTo(right);
      assertThat(drifts).singleElement().extracting(Drift::healed).isEqualTo(-drift);
      assertThat(large.bytes() + small.bytes()).isEqualTo(4 * MIB + 100);
    }
    governor.release("query", MIB);
    assertThat(governor.usedNow()).isZero();
  }

  @Test
  void nativeLedgerFollowsItsCallsAndTheAllocatorIsOnlyTold() {
    ArenaFigures figures = new ArenaFigures(30 * MIB, 0, 0, 0, 0, 0, MIB);
    NativeSnapshot stats =
        new NativeSnapshot(
            "jemalloc",
            true,
            true,
            figures,
            List.of(
                new NativeSnapshot.EngineFigures("query", 5 * MIB, 3 * MIB, List.of(), figures)));
    LedgerAudit audit = audit(Comparisons.offheap(governor, () -> Optional.of(stats)));
    engine.charge(LedgerKind.NATIVE, 20 * MIB);
    audit.pass();
    audit.pass();
    assertThat(engine.used(LedgerKind.NATIVE)).isEqualTo(8 * MIB);
    assertThat(drifts).extracting(Drift::measure).containsExactly("native calls", "allocator");
    assertThat(drifts).extracting(Drift::healed).containsExactly(-12 * MIB, 0L);
  }

  @Test
  void blocksInThreadCachesAreNobodysWhicheverArenaTheCacheCountsWith() {
    ArenaFigures own = new ArenaFigures(3 * MIB, 0, 0, 0, 0, 0, 0);
    ArenaFigures all = new ArenaFigures(40 * MIB, 0, 0, 0, 0, 0, 3 * MIB);
    NativeSnapshot stats =
        new NativeSnapshot(
            "jemalloc",
            true,
            true,
            all,
            List.of(new NativeSnapshot.EngineFigures("query", 0, 0, List.of(), own)));
    LedgerAudit audit = audit(Comparisons.offheap(governor, () -> Optional.of(stats)));
    audit.pass();
    audit.pass();
    assertThat(drifts).isEmpty();
  }

  @Test
  void heapLedgersBeyondTheHeapAreToldAndLeft() {
    engine.charge(LedgerKind.HEAP, 50 * MIB);
    LedgerAudit audit =
        audit(
            Comparisons.heapUse(() -> new HeapUse(engine.used(LedgerKind.HEAP), 20 * MIB, 0)));
    audit.pass();
    assertThat(drifts).isEmpty();
    audit.pass();
    assertThat(drifts)
        .containsExactly(
            new Drift("global", LedgerKind.HEAP, 50 * MIB, 20 * MIB, 0, "heap in use"));
    assertThat(lines).singleElement().asString().startsWith("all engines: heap ledger");
    assertThat(engine.used(LedgerKind.HEAP)).isEqualTo(50 * MIB);

    engine.release(LedgerKind.HEAP, 30 * MIB); // Others may have the rest of the heap.
    drifts.clear();
    audit.pass();
    audit.pass();
    assertThat(drifts).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {60 * MIB, 140 * MIB})
  void samplesThatMissOrInventAllocationsAreTold(long sampledEachTime) {
    AtomicLong audits = new AtomicLong();
    LedgerAudit audit =
        audit(
            Comparisons.allocations(
                governor,
                () -> {
                  long n = audits.incrementAndGet();
                  return Optional.of(
                      new AllocationReading[] {
                        new AllocationReading(n * sampledEachTime, n * 100 * MIB, 16 << 10)
                      });
                }));
    audit.pass();
    assertThat(drifts).isEmpty();
    audit.pass();
    assertThat(drifts)
        .containsExactly(
            new Drift(
                "query",
                LedgerKind.HEAP,
                sampledEachTime,
                100 * MIB,
                0,
                "counters of what was allocated since the last audit"));
    assertThat(engine.used(LedgerKind.HEAP)).isZero();
  }

  @Test
  void samplesAreAsRightAsTheyCanBe() {
    long[] sampled = {0};
    int[] interval = {128 << 10};
    AtomicLong audits = new AtomicLong();
    LedgerAudit audit =
        audit(
            Comparisons.allocations(
                governor,
                () ->
                    Optional.of(
                        new AllocationReading[] {
                          new AllocationReading(
                              sampled[0], audits.incrementAndGet() * 100 * MIB, interval[0])
                        })));
    for (int i = 0; i < 4; i++) {
      sampled[0] += 86 * MIB; // Four standard errors.
      audit.pass();
    }
    interval[0] = 0; // The samples' own objects are more than what they stand for.
    audit.pass();
    audit.pass();
    assertThat(drifts).isEmpty();
  }

  @Test
  void oneLineAMinuteForAnEngine() {
    LedgerAudit audit = samples(0);
    for (int i = 0; i < 3; i++) {
      engine.charge(LedgerKind.HEAP, 5 * MIB);
      audit.pass();
      audit.pass();
    }
    assertThat(drifts).hasSize(3);
    assertThat(lines).hasSize(1);
    clock.addAndGet(TimeUnit.MINUTES.toNanos(1));
    engine.charge(LedgerKind.HEAP, 5 * MIB);
    audit.pass();
    audit.pass();
    assertThat(lines).hasSize(2);
  }

  private LedgerAudit samples(long tracked) {
    return audit(Comparisons.samples(governor, () -> reading(tracked, engine)));
  }

  private static Optional<HeapReading[]> reading(long tracked, Engine engine) {
    long used = engine.used(LedgerKind.HEAP);
    return Optional.of(new HeapReading[] {new HeapReading(tracked, tracked, used, used)});
  }

  private LedgerAudit audit(Supplier<List<Finding>> comparison) {
    return new LedgerAudit(governor, List.of(comparison), 1, clock::get, lines::add);
  }

  private Governor governor() {
    Governor made =
        Budgets.ceiling(100 * MIB)
            .engine("query", 100 * MIB)
            .clock(clock::get)
            .problems(lines::add)
            .governor();
    made.addListener(
        new GovernorListener() {
          @Override
          public void onDrift(Drift drift) {
            drifts.add(drift);
          }
        });
    return made;
  }
}
