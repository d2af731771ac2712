package io.nodedb.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UngovernedMemoryTest {
  private final MemoryGovernor governor = MemoryGovernor.get();

  @Test
  void arenaIsConfinedUnlessShared() {
    try (Arena confined = governor.arena("vector");
        Arena shared = governor.arena("vector", ArenaOption.SHARED)) {
      MemorySegment mine = confined.allocate(64);
      MemorySegment ours = shared.allocate(64);
      CompletableFuture.runAsync(
              () -> {
                assertThat(ours.get(ValueLayout.JAVA_BYTE, 0)).isZero();
                assertThatThrownBy(() -> mine.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(WrongThreadException.class);
              })
          .join();
    }
  }

  @Test
  void freedBlockIsForgottenAndCannotBeFreedAgain() {
    try (NativeAllocator allocator = governor.nativeMemory().allocator("vector")) {
      MemorySegment block = allocator.allocate(100, 64);
      MemorySegment empty = allocator.allocate(0, 1);
      assertThat(allocator.allocated()).isEqualTo(100);
      allocator.free(block);
      assertThat(allocator.allocated()).isZero();
      assertThatThrownBy(() -> allocator.free(block)).isInstanceOf(IllegalArgumentException.class);
      allocator.free(empty);
    }
  }

  @Test
  void closedAllocatorRaises() {
    NativeAllocator allocator = governor.nativeMemory().allocator("vector");
    MemorySegment block = allocator.allocate(8);
    allocator.close();
    assertThatThrownBy(() -> block.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> allocator.allocate(8)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(allocator::close).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void collectionsAreIdempotentByKey() {
    NativeMemory memory = governor.nativeMemory();
    CollectionArena one = memory.collection("vector", "acme", "a");
    assertThat(memory.collection("vector", "acme", "a")).isSameAs(one);
    assertThat(memory.collection("vector", "acme", "b")).isNotSameAs(one);
    assertThat(memory.findCollection("acme", "none")).isEmpty();
    assertThat(one.resident()).isZero();
    assertThatThrownBy(() -> memory.collection("query", "acme", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'vector'");
  }
}
