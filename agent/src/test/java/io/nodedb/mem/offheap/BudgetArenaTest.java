package io.nodedb.mem.offheap;

import static io.nodedb.mem.ArenaOption.SHARED;
import static io.nodedb.mem.ArenaOption.UNZEROED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.UnknownEngineException;
import io.nodedb.mem.config.NativeSettings.LeakDetection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetArenaTest {
  private static final long LIMIT = 64 << 20;
  private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[1 << 18]);

  private final Engines engines = Engines.of(LIMIT, LeakDetection.FULL);

  @AfterEach
  void nothingIsLeft() {
    assertThat(engines.used()).isZero();
    assertThat(engines.leaks).isEmpty();
    engines.close();
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, false", "4, false"})
  void anySizeAndAlignment(int seed, boolean shared) {
    SplittableRandom random = new SplittableRandom(seed);
    ArenaOption[] options = shared ? new ArenaOption[] {SHARED} : new ArenaOption[0];
    for (int round = 0; round < 20; round++) {
      try (Arena arena = engines.memory.arena("vector", options)) {
        for (int i = 0; i < 200; i++) {
          long size = random.nextLong(1L << random.nextInt(0, 18));
          long alignment = 1L << random.nextInt(0, 15);
          MemorySegment s = arena.allocate(size, alignment);
          assertThat(s.byteSize()).isEqualTo(size);
          assertThat(s.address() % alignment).isZero();
          assertThat(s.mismatch(ZEROES.asSlice(0, size))).isEqualTo(-1);
          s.fill((byte) -1);
        }
        assertThat(engines.used()).isPositive();
      }
      assertThat(engines.used()).isZero();
    }
  }

  @Test
  void chargeIsExactFromTheFirstByte() {
    try (Arena arena = engines.memory.arena("vector")) {
      arena.allocate(257);
      assertThat(engines.used()).as("the size class of 257 bytes").isEqualTo(320);
      arena.allocate(1 << 20);
      assertThat(engines.used()).isEqualTo(320 + (1 << 20));
    }
  }

  @Test
  void refusalLeavesEverythingAsItWas() {
    try (Arena arena = engines.memory.arena("vector")) {
      arena.allocate(LIMIT / 2);
      long before = engines.used();
      assertThatThrownBy(() -> arena.allocate(LIMIT))
          .isInstanceOf(BudgetExceededException.class)
          .hasMessageContaining("'vector'");
      assertThat(engines.used()).isEqualTo(before);
      arena.allocate(1000);
    }
  }

  @Test
  void wholeLimitCanBeUsedInSmallBlocks() {
    try (Arena arena = engines.memory.arena("vector", UNZEROED)) {
      for (long i = 0; i < LIMIT / 4096; i++) {
        arena.allocate(4096);
      }
      assertThat(engines.used()).isEqualTo(LIMIT);
      assertThatThrownBy(() -> arena.allocate(1)).isInstanceOf(BudgetExceededException.class);
    }
  }

  @Test
  void impossibleArgumentsAreRefused() {
    try (Arena arena = engines.memory.arena("vector")) {
      assertThatThrownBy(() -> arena.allocate(-1)).isInstanceOf(IllegalArgumentException.class);
      for (long bad : new long[] {0, -1, 3, 24, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> arena.allocate(8, bad))
            .as("alignment %d", bad)
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> arena.allocate(Long.MAX_VALUE))
          .isInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() -> arena.allocate(8, 1L << 62)).isInstanceOf(OutOfMemoryError.class);
      assertThat(engines.used()).isZero();
      assertThat(arena.allocate(0).byteSize()).isZero();
    }
    assertThatThrownBy(() -> engines.memory.arena("none"))
        .isInstanceOf(UnknownEngineException.class);
  }

  /** Whether the system promises so much address space is its own affair. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void enormousBlocksAreThereOrLeaveNothingCharged(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Engines rich = Engines.of(1L << 60);
        Arena arena = rich.memory.arena("vector", UNZEROED)) {
      int refused = 0;
      for (int i = 0; i < 40; i++) {
        long before = rich.used();
        long size = random.nextLong(1L << random.nextInt(40, 63));
        try {
          arena.allocate(size, 1L << random.nextInt(0, 47));
          assertThat(rich.used() - before).isGreaterThanOrEqualTo(size);
        } catch (OutOfMemoryError e) {
          assertThat(rich.used()).isEqualTo(before);
          refused++;
        }
      }
      assertThat(refused).isPositive();
    }
  }

  @Test
  void closedArenaRaises() {
    for (ArenaOption option : ArenaOption.values()) {
      Arena arena = engines.memory.arena("vector", option);
      MemorySegment s = arena.allocate(16);
      arena.close();
      assertThatThrownBy(() -> s.get(ValueLayout.JAVA_BYTE, 0))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> arena.allocate(16)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(arena::close).isInstanceOf(IllegalStateException.class);
      assertThat(engines.used()).isZero();
    }
  }

  @Test
  void confinedArenaIsItsThreadsAlone() {
    try (Arena arena = engines.memory.arena("vector")) {
      MemorySegment s = arena.allocate(16);
      CompletableFuture.runAsync(
              () -> {
                assertThatThrownBy(() -> s.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(() -> arena.allocate(8))
                    .isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(arena::close).isInstanceOf(WrongThreadException.class);
              })
          .join();
      assertThat(s.get(ValueLayout.JAVA_BYTE, 0)).isZero();
    }
  }

  @Test
  void sharedArenaMayBeClosedWhileOthersAllocate() {
    for (int round = 0; round < 50; round++) {
      Arena arena = engines.memory.arena("vector", SHARED, UNZEROED);
      CompletableFuture<Void> other =
          CompletableFuture.runAsync(
              () -> {
                try {
                  while (true) {
                    arena.allocate(64);
                  }
                } catch (IllegalStateException | BudgetExceededException e) {
                  assertThat(e).isNotNull();
                }
              });
      for (int i = 0; i < 100; i++) {
        arena.allocate(128);
      }
      arena.close();
      other.join();
      assertThat(engines.used()).isZero();
    }
  }

  @Test
  void virtualThreadsAllocateToo() throws InterruptedException {
    Thread thread =
        Thread.startVirtualThread(
            () -> {
              try (Arena arena = engines.memory.arena("vector")) {
                arena.allocate(1000).fill((byte) 1);
              }
            });
    thread.join();
  }

  @Test
  void endedThreadsGiveBackWhatTheyHeld() throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      Thread thread =
          new Thread(
              () -> {
                try (Arena arena = engines.memory.arena("vector")) {
                  arena.allocate(100);
                }
              });
      thread.start();
      thread.join();
    }
    engines.memory.arena("vector").close();
    Thread last = new Thread(() -> engines.memory.arena("vector").close());
    last.start();
    last.join();
    assertThat(engines.used()).isZero();
  }
}
