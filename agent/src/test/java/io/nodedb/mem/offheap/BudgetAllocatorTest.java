package io.nodedb.mem.offheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.NativeAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetAllocatorTest {
  private final Engines engines = Engines.of(256 << 20);

  @AfterEach
  void nothingIsLeft() {
    assertThat(engines.used()).isZero();
    engines.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void blocksKeepTheirContentUntilFreed(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<MemorySegment> live = new ArrayList<>();
    try (NativeAllocator allocator = engines.memory.allocator("vector")) {
      for (int i = 0; i < 20_000; i++) {
        if (live.size() < 500 && random.nextInt(5) < 3) {
          long size = random.nextLong(1L << random.nextInt(0, 13));
          MemorySegment s = allocator.allocate(size, 1L << random.nextInt(0, 8));
          for (long at = 0; at < size; at += 7) {
            assertThat(s.get(ValueLayout.JAVA_BYTE, at) == 0).isTrue();
          }
          live.add(s.fill((byte) size));
        } else if (!live.isEmpty()) {
          int index = random.nextBoolean() ? live.size() - 1 : random.nextInt(live.size());
          MemorySegment s = live.remove(index);
          if (s.byteSize() > 0) {
            assertThat(s.get(ValueLayout.JAVA_BYTE, s.byteSize() - 1))
                .isEqualTo((byte) s.byteSize());
          }
          allocator.free(s);
          assertThatThrownBy(() -> allocator.free(s)).isInstanceOf(IllegalArgumentException.class);
        }
        if (i % 1000 == 0) {
          assertThat(allocator.allocated()).isEqualTo(engines.used());
        }
      }
    }
  }

  @Test
  void onlyLiveBlocksCanBeFreed() {
    try (NativeAllocator allocator = engines.memory.allocator("vector");
        NativeAllocator other = engines.memory.allocator("vector")) {
      MemorySegment one = allocator.allocate(64);
      MemorySegment two = allocator.allocate(64);
      MemorySegment foreign = other.allocate(64);
      allocator.free(one);
      long before = engines.used();
      for (MemorySegment bad :
          List.of(one, two.asSlice(0, 32), two.asSlice(32), foreign, MemorySegment.NULL)) {
        assertThatThrownBy(() -> allocator.free(bad))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("'vector'");
      }
      assertThat(engines.used()).isEqualTo(before);
    }
  }

  @Test
  void blocksOfAnyAlignmentCanBeFreed() {
    try (NativeAllocator allocator =
        engines.memory.allocator("vector", ArenaOption.UNZEROED)) {
      for (long alignment = 1; alignment <= 1L << 34; alignment <<= 1) {
        MemorySegment one;
        try {
          one = allocator.allocate(24, alignment);
        } catch (OutOfMemoryError e) {
          assertThat(alignment).as("a system with so little address space").isGreaterThan(1 << 30);
          continue;
        }
        assertThat(one.address() % alignment).isZero();
        assertThat(engines.used()).isEqualTo(allocator.allocated()).isGreaterThanOrEqualTo(24);
        allocator.free(one);
        assertThat(engines.used()).isZero();
      }
    }
  }

  @Test
  void sharedAllocatorServesThreadsThatFreeEachOthersBlocks() {
    try (NativeAllocator allocator =
        engines.memory.allocator("vector", ArenaOption.SHARED, ArenaOption.UNZEROED)) {
      List<CompletableFuture<List<MemorySegment>>> makers =
          IntStream.range(0, 4)
              .mapToObj(
                  t ->
                      CompletableFuture.supplyAsync(
                          () ->
                              IntStream.range(0, 5000)
                                  .mapToObj(i -> allocator.allocate(16 + i % 2000))
                                  .toList()))
              .toList();
      makers.forEach(CompletableFuture::join);
      List<CompletableFuture<Void>> freers = new ArrayList<>();
      for (CompletableFuture<List<MemorySegment>> made : makers) {
        freers.add(CompletableFuture.runAsync(() -> made.join().forEach(allocator::free)));
      }
      freers.forEach(CompletableFuture::join);
      assertThat(allocator.allocated()).isZero();
      assertThat(engines.used()).isZero();
    }
  }

  @Test
  void closedAllocatorRaises() {
    NativeAllocator allocator = engines.memory.allocator("vector");
    MemorySegment block = allocator.allocate(100);
    CompletableFuture.runAsync(
            () -> {
              assertThatThrownBy(allocator::close).isInstanceOf(WrongThreadException.class);
              assertThatThrownBy(() -> allocator.free(block))
                  .isInstanceOf(WrongThreadException.class);
              assertThatThrownBy(() -> allocator.allocate(100))
                  .isInstanceOf(WrongThreadException.class);
            })
        .join();
    allocator.close();
    assertThatThrownBy(() -> block.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> allocator.free(block)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> allocator.allocate(100)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(allocator::close).isInstanceOf(IllegalStateException.class);
  }
}
