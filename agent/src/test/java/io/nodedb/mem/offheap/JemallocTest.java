package io.nodedb.mem.offheap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class JemallocTest {
  private final List<String> passedOver = new ArrayList<>();
  private final Jemalloc jemalloc = Jemalloc.find(Optional.empty(), passedOver).orElseThrow();

  @Test
  void chargeIsWhatABlockTakes() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 100_000; i++) {
      long size = 1 + random.nextLong(1L << random.nextInt(1, 40));
      long alignment = 1L << random.nextInt(0, 20);
      assertThat(jemalloc.usable(size, alignment))
          .as("size %d, alignment %d", size, alignment)
          .isEqualTo(jemalloc.nallocx(size, alignment));
    }
  }

  @Test
  void smallClassesHaveNumbers() {
    assertThat(jemalloc.classesNumbered()).isTrue();
    LibcHeap malloc = new LibcHeap();
    assertThat(SizeClasses.numbersAgree(malloc)).isEqualTo(malloc.classesNumbered()).isFalse();
    assertThat(SizeClasses.numbered(1, 1)).isTrue();
    assertThat(SizeClasses.numbered(1024, 16)).isTrue();
    assertThat(SizeClasses.number(1024, 16)).isLessThan(SizeClasses.NUMBERS);
    for (long size : new long[] {0, -1, 1025, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThat(SizeClasses.numbered(size, 1)).as("size %d", size).isFalse();
    }
    for (long alignment : new long[] {0, -1, 3, 12, 17, 32, 1L << 58, Long.MIN_VALUE}) {
      assertThat(SizeClasses.numbered(1, alignment)).as("alignment %d", alignment).isFalse();
    }
  }

  @Test
  void wrongPathIsPassedOverWithAReason() {
    List<String> reasons = new ArrayList<>();
    Optional<Jemalloc> found = Jemalloc.find(Optional.of(Path.of("/none/libj.so")), reasons);
    assertThat(found).isPresent();
    if (!found.get().preloaded()) {
      assertThat(reasons.getFirst()).contains("/none/libj.so");
    }
  }

  @Test
  void otherLibraryIsNotTakenForJemalloc() {
    List<String> reasons = new ArrayList<>();
    Optional<Jemalloc> found = Jemalloc.find(Optional.of(Path.of("libm.so.6")), reasons);
    assertThat(found).isPresent();
    if (!found.get().preloaded()) {
      assertThat(reasons).contains("libm.so.6: not a jemalloc");
    }
  }

  @Test
  void capabilitiesAreAskedFor() {
    ArenaStatistics statistics = new ArenaStatistics(jemalloc);
    statistics.refresh();
    assertThat(statistics.global().active() > 0).isEqualTo(jemalloc.statistics());
    assertThat(jemalloc.control().knows("stats.no.such.name")).isFalse();
    assertThat(jemalloc.describe()).contains("jemalloc", "statistics");
  }

  @Test
  void arenasAndCachesCanBeMade() {
    int arena = jemalloc.newArena();
    int cache = jemalloc.newCache();
    assertThat(arena).isPositive();
    assertThat(cache).isNotNegative();
    int place = jemalloc.place(arena, cache);
    long block = jemalloc.allocate(100, 64, place, true);
    assertThat(block % 64).isZero();
    jemalloc.free(block, 100, 64, place);
    jemalloc.dropCache(cache);
  }
}
