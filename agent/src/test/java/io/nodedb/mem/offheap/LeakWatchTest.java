package io.nodedb.mem.offheap;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.config.NativeSettings.LeakDetection;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class LeakWatchTest {
  @Test
  void leakIsReportedWithItsStackAndFreed() {
    try (Engines engines = Engines.of(64 << 20, LeakDetection.FULL)) {
      leak(engines, 1000);
      engines.collectUntil(() -> !engines.leaks.isEmpty());
      assertThat(engines.leaks).hasSize(1);
      Engines.Leak leak = engines.leaks.getFirst();
      assertThat(leak.engine()).isEqualTo("vector");
      assertThat(leak.bytes()).isEqualTo(1024);
      assertThat(leak.made().getStackTrace())
          .anyMatch(f -> f.getMethodName().equals("leak"));
      assertThat(engines.used()).isZero();
    }
  }

  @Test
  void sampledLeaksAreAllFreedAndSomeHaveStacks() {
    try (Engines engines = Engines.of(64 << 20, LeakDetection.SAMPLED)) {
      for (int i = 0; i < 4000; i++) {
        leak(engines, 64);
      }
      engines.collectUntil(() -> engines.leaks.size() == 4000);
      assertThat(engines.leaks).hasSize(4000);
      assertThat(engines.leaks.stream().filter(l -> l.made().getStackTrace().length > 0).count())
          .isBetween(1L, 400L);
      assertThat(engines.used()).isZero();
    }
  }

  @Test
  void segmentKeepsItsArenaFromBeingTakenForLeaked() {
    try (Engines engines = Engines.of(64 << 20, LeakDetection.FULL)) {
      MemorySegment segment = engines.memory.arena("vector").allocate(64);
      segment.set(ValueLayout.JAVA_INT, 0, 42);
      leak(engines, 64);
      engines.collectUntil(() -> !engines.leaks.isEmpty());
      assertThat(engines.leaks).hasSize(1);
      assertThat(engines.used()).isEqualTo(64);
      assertThat(segment.get(ValueLayout.JAVA_INT, 0)).isEqualTo(42);
    }
  }

  @Test
  void nothingIsWatchedWhenOff() {
    EndOfLife ends = new EndOfLife();
    try (Engines engines = Engines.of(64 << 20)) {
      LeakWatch off = new LeakWatch(LeakDetection.OFF, ends, (e, b, m) -> {});
      assertThat(off.watch(new Object(), null)).isNull();
      assertThat(engines.used()).isZero();
    }
  }

  private static void leak(Engines engines, long bytes) {
    engines.memory.arena("vector").allocate(bytes);
  }
}
