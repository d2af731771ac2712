package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingStatistics;
import io.nodedb.mem.Pin;
import io.nodedb.mem.Registration;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.mapped.MappingListener.Cause;
import io.nodedb.mem.mapped.MappingListener.Eviction;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gives way, in which order, and what happens when nobody can. */
class MappingBudgetTest {
  private static final long WINDOW = 4L * LibC.PAGE;
  private static final MappingSettings BASE =
      MappingSettings.DEFAULTS
          .withWindowSize(WINDOW)
          .withHeadroom(0)
          .withPinWait(Duration.ZERO);

  @TempDir Path dir;
  private final AtomicLong clock = new AtomicLong(1);

  private MappingManager manager(MappingSettings settings) {
    return new MappingManager(settings, AccountSource.NONE, clock::get);
  }

  private Path[] files(int count) throws IOException {
    Path[] files = new Path[count];
    for (int i = 0; i < count; i++) {
      byte[] content = new byte[(int) WINDOW];
      content[0] = (byte) i;
      files[i] = Files.write(dir.resolve("f" + i), content);
    }
    return files;
  }

  private static Pin pin(MappingManager manager, Path file) {
    return manager.pin(file, 0, WINDOW, MapMode.READ_ONLY, "query", file.toString());
  }

  @Test
  void leastRecentlyUsedGoesFirst() throws IOException {
    Path[] f = files(5);
    List<Path> gone = new ArrayList<>();
    try (MappingManager manager = manager(BASE.withBudget(3 * WINDOW));
        Registration _ = manager.addListener(e -> gone.add(e.file()))) {
      pin(manager, f[0]).close();
      pin(manager, f[1]).close();
      pin(manager, f[2]).close();
      pin(manager, f[0]).close();
      pin(manager, f[3]).close();
      pin(manager, f[4]).close();
      assertThat(gone).containsExactly(f[1], f[2]);
      assertThat(manager.mappedBytes()).isEqualTo(3 * WINDOW);
    }
  }

  @Test
  void evictionFreesTheHeadroom() throws IOException {
    Path[] f = files(11);
    try (MappingManager manager = manager(BASE.withBudget(10 * WINDOW).withHeadroom(0.3))) {
      for (Path file : f) {
        pin(manager, file).close();
      }
      assertThat(manager.mappedBytes()).isEqualTo(7 * WINDOW);
      MappingStatistics total = manager.snapshot().total();
      assertThat(total.evictions()).isEqualTo(4);
      assertThat(total.evictedBytes()).isEqualTo(4 * WINDOW);
      assertThat(manager.snapshot().utilizationPercent()).isEqualTo(70);
    }
  }

  @Test
  void pinnedWindowsStayAndTheNextPinIsRefused() throws IOException {
    Path[] f = files(3);
    try (MappingManager manager = manager(BASE.withBudget(2 * WINDOW));
        Pin first = pin(manager, f[0])) {
      try (Pin _ = pin(manager, f[1])) {
        assertThatThrownBy(() -> pin(manager, f[2]))
            .isInstanceOfSatisfying(
                BudgetExceededException.class,
                e -> {
                  assertThat(e.bound()).isEqualTo(BudgetExceededException.Bound.MAPPING);
                  assertThat(e.requested()).isEqualTo(WINDOW);
                  assertThat(e.available()).isZero();
                })
            .hasMessageContaining("mmap.budget");
        assertThat(manager.snapshot().refusals()).isEqualTo(1);
        assertThat(first.segment().get(ValueLayout.JAVA_BYTE, 0)).isZero();
      }
      pin(manager, f[2]).close();
    }
  }

  @Test
  void pinThatWaitsGetsTheRoomOfOneThatEnds() throws Exception {
    Path[] f = files(2);
    MappingSettings patient = BASE.withBudget(WINDOW).withPinWait(Duration.ofMinutes(1));
    try (MappingManager manager = manager(patient)) {
      Pin holder = pin(manager, f[0]);
      CountDownLatch started = new CountDownLatch(1);
      AtomicReference<Byte> seen = new AtomicReference<>();
      Thread waiter =
          Thread.ofPlatform()
              .start(
                  () -> {
                    started.countDown();
                    try (Pin pin = pin(manager, f[1])) {
                      seen.set(pin.segment().get(ValueLayout.JAVA_BYTE, 0));
                    }
                  });
      started.await();
      while (waiter.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      holder.close();
      waiter.join();
      assertThat(seen.get()).isEqualTo((byte) 1);
    }
  }

  @Test
  void rangeLargerThanTheBudgetIsRefusedAtOnce() throws IOException {
    Path file = dir.resolve("large");
    Files.write(file, new byte[(int) (4 * WINDOW)]);
    MappingSettings patient = BASE.withBudget(2 * WINDOW).withPinWait(Duration.ofDays(1));
    try (MappingManager manager = manager(patient)) {
      assertThatThrownBy(
              () -> manager.pin(file, 0, 3 * WINDOW, MapMode.READ_ONLY, "query", "f"))
          .isInstanceOf(BudgetExceededException.class);
      manager.pin(file, 1, 2 * WINDOW - 2, MapMode.READ_ONLY, "query", "f").close();
    }
  }

  @Test
  void engineLimitEvictsTheEnginesOwnWindowsBeforeItIsABreach() throws IOException {
    Path[] f = files(5);
    LimitedAccount query = new LimitedAccount("query", 2 * WINDOW);
    List<Eviction> gone = new ArrayList<>();
    try (MappingManager manager =
        new MappingManager(
            BASE, engine -> engine.equals("query") ? query : null, clock::get)) {
      manager.addListener(gone::add);
      manager.pin(f[4], 0, WINDOW, MapMode.READ_ONLY, "wal", "w").close();
      for (int i = 0; i < 4; i++) {
        pin(manager, f[i]).close();
      }
      assertThat(gone).extracting(Eviction::file).containsExactly(f[0], f[1]);
      assertThat(query.peak.get()).isEqualTo(2 * WINDOW);
      assertThat(query.breaches.get()).isZero();
      try (Pin _ = pin(manager, f[0]);
          Pin _ = pin(manager, f[1])) {
        assertThatThrownBy(() -> pin(manager, f[2])).isInstanceOf(BudgetExceededException.class);
        assertThat(query.breaches.get()).isEqualTo(1);
        assertThat(query.used.get()).isEqualTo(2 * WINDOW);
      }
      assertThat(manager.snapshot().engines().get("wal").bytes()).isEqualTo(WINDOW);
    }
    assertThat(query.used.get()).isZero();
  }

  @Test
  void engineWithLessRoomThanAWindowGetsAPieceOfIt() throws IOException {
    long large = 8L << 20;
    Path file = Files.write(dir.resolve("large"), new byte[(int) large]);
    LimitedAccount query = new LimitedAccount("query", 2L << 20);
    try (MappingManager manager =
        new MappingManager(BASE.withWindowSize(large), engine -> query, clock::get)) {
      for (long at = 0; at < large; at += 1000 * 1000) {
        try (Pin pin = manager.pin(file, at, 100, MapMode.READ_WRITE, "query", "f")) {
          pin.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, at);
        }
        assertThat(query.used.get()).isEqualTo(manager.mappedBytes()).isLessThanOrEqualTo(2 << 20);
      }
      for (long at = 0; at < large; at += 1000 * 1000) {
        try (Pin pin = manager.pin(file, at, 100, MapMode.READ_ONLY, "query", "f")) {
          assertThat(pin.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isEqualTo(at);
        }
      }
      assertThat(query.breaches.get()).isZero();
      manager.release("query", Long.MAX_VALUE);
      long otherwise = (2L << 20) - 2 * LibC.PAGE;
      query.charge(LedgerKind.HEAP, otherwise);
      try (Pin pin = manager.pin(file, 5 * LibC.PAGE - 1, 2, MapMode.READ_ONLY, "query", "f")) {
        assertThat(pin.segment().byteSize()).isEqualTo(2);
        assertThat(manager.mappedBytes()).as("just its pages").isEqualTo(2L * LibC.PAGE);
        assertThatThrownBy(() -> manager.pin(file, 0, 1, MapMode.READ_ONLY, "query", "f"))
            .isInstanceOf(BudgetExceededException.class);
        assertThat(query.breaches.get()).isEqualTo(1);
      }
      query.release(LedgerKind.HEAP, otherwise);
    }
    assertThat(query.used.get()).isZero();
  }

  @Test
  void capOnMappingsEvictsThenRefuses() throws IOException {
    Path[] f = files(4);
    try (MappingManager manager = manager(BASE.withCaps(2, 10))) {
      pin(manager, f[0]).close();
      try (Pin _ = pin(manager, f[1]);
          Pin _ = pin(manager, f[2])) {
        assertThat(manager.snapshot().total().windows()).isEqualTo(2);
        assertThatThrownBy(() -> pin(manager, f[3]))
            .isInstanceOfSatisfying(
                MappingException.class,
                e ->
                    assertThat(e.reason())
                        .isEqualTo(MappingException.Reason.TOO_MANY_MAPPINGS))
            .hasMessageContaining("mmap.max-mappings");
      }
      pin(manager, f[3]).close();
    }
  }

  @Test
  void openFilesStayWithinTheirCap() throws IOException {
    Path[] f = files(20);
    try (MappingManager manager = manager(BASE.withCaps(1000, 3))) {
      for (int round = 0; round < 2; round++) {
        for (Path file : f) {
          pin(manager, file).close();
          assertThat(manager.snapshot().openFiles()).isLessThanOrEqualTo(3);
        }
        assertThat(manager.snapshot().total().windows()).isEqualTo(20);
      }
      manager.release(f[5]);
      pin(manager, f[5]).close();
    }
  }

  @Test
  void onlyWindowsUnusedForTheAgeAreReleased() throws IOException {
    Path[] f = files(3);
    List<Eviction> gone = new ArrayList<>();
    try (MappingManager manager = manager(BASE)) {
      manager.addListener(gone::add);
      pin(manager, f[0]).close();
      clock.addAndGet(Duration.ofSeconds(60).toNanos());
      manager.tick();
      pin(manager, f[1]).close();
      clock.addAndGet(Duration.ofSeconds(10).toNanos());
      manager.tick();
      clock.addAndGet(Duration.ofSeconds(10).toNanos());
      try (Pin _ = pin(manager, f[2])) {
        assertThat(manager.releaseCold(Duration.ofSeconds(30))).isEqualTo(WINDOW);
        assertThat(gone).extracting(Eviction::file).containsExactly(f[0]);
        assertThat(gone).extracting(Eviction::cause).containsExactly(Cause.COLD);
        assertThat(manager.releaseCold(Duration.ZERO)).isEqualTo(WINDOW);
      }
      try (Pin again = pin(manager, f[0])) {
        assertThat(again.segment().get(ValueLayout.JAVA_BYTE, 0)).isZero();
      }
    }
  }

  @Test
  void coldWindowsArePagedOutAndStayMapped() throws IOException {
    Path[] f = files(2);
    try (MappingManager manager = manager(BASE)) {
      for (Path file : f) {
        try (Pin pin = pin(manager, file)) {
          pin.segment().get(ValueLayout.JAVA_BYTE, 0);
        }
      }
      clock.addAndGet(Duration.ofSeconds(60).toNanos());
      manager.markCold(Duration.ofSeconds(1));
      manager.pageOutCold(Duration.ofSeconds(1));
      assertThat(manager.mappedBytes()).isEqualTo(2 * WINDOW);
      try (Pin pin = pin(manager, f[1])) {
        assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
      }
    }
  }

  @Test
  void lockedWindowIsNotEvictedAndLocksAreLimited() throws IOException {
    Path[] f = files(4);
    MappingSettings settings = BASE.withBudget(2 * WINDOW).withLockLimit(WINDOW);
    try (MappingManager manager = manager(settings)) {
      Registration lock = manager.lockHot(f[0], 0, 10, "query", "hot");
      assertThat(manager.snapshot().lockedBytes()).isEqualTo(WINDOW);
      assertThatThrownBy(() -> manager.lockHot(f[1], 0, 10, "query", "hot"))
          .isInstanceOfSatisfying(
              MappingException.class,
              e -> assertThat(e.reason()).isEqualTo(MappingException.Reason.LOCK_LIMIT));
      for (int i = 1; i < 4; i++) {
        pin(manager, f[i]).close();
      }
      long maps = manager.snapshot().total().maps();
      pin(manager, f[0]).close();
      assertThat(manager.snapshot().total().maps()).isEqualTo(maps);
      lock.close();
      lock.close();
      assertThat(manager.snapshot().lockedBytes()).isZero();
    }
  }

  @Test
  void statisticsTellEnginesAndFieldsApart() throws IOException {
    Path[] f = files(2);
    try (MappingManager manager = manager(BASE)) {
      for (int i = 0; i < 5; i++) {
        manager.pin(f[0], 0, 10, MapMode.READ_ONLY, "vector", "title").close();
      }
      try (Pin _ = manager.pin(f[1], 0, 10, MapMode.READ_ONLY, "vector", "body")) {
        MappingSnapshot snapshot = manager.snapshot();
        MappingStatistics title =
            snapshot.fields().get(new MappingSnapshot.Field("vector", "title"));
        assertThat(title).isEqualTo(new MappingStatistics(1, WINDOW, 0, 5, 1, 0, 0));
        assertThat(snapshot.engines().get("vector"))
            .isEqualTo(new MappingStatistics(2, 2 * WINDOW, 1, 6, 2, 0, 0));
      }
    }
  }
}
