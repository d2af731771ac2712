package io.nodedb.mem.offheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.hook.NativeRuntime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeSubstitutesTest {
  private static final int LIMIT = 256 << 20;
  private static final int ID = Engines.ID;

  private final Engines engines = Engines.of(LIMIT);
  private final NativeRuntime hooks = engines.memory.hooks();

  @AfterEach
  void close() {
    engines.close();
  }

  @Test
  void droppedBuffersAndArenasLeaveTheLedgerAtZero() {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 25_000; i++) {
                  drop(i);
                }
              }));
    }
    threads.forEach(CompletableFuture::join);
    engines.collectUntil(() -> engines.used() == 0);
    assertThat(engines.used()).isZero();
    assertThat(engines.engine.snapshot().overReleases()).isZero();
  }

  private void drop(int i) {
    switch (i % 4) {
      case 0 -> hooks.allocateDirect(ID, 64 + i % 100).put(0, (byte) 1);
      case 1 -> hooks.ofAuto(ID).allocate(1 + i % 300).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
      case 2 -> {
        try (Arena arena = hooks.ofConfined(ID)) {
          arena.allocate(100);
        }
      }
      default -> {
        try (Arena arena = Arena.ofConfined()) {
          hooks.governed(ID, arena).allocateFrom("text");
        }
      }
    }
  }

  @Test
  void bufferIsADirectBufferOfTheJdks() {
    ByteBuffer buffer = hooks.allocateDirect(ID, 100_000);
    assertThat(buffer.isDirect()).isTrue();
    assertThat(buffer.capacity()).isEqualTo(100_000);
    assertThat(engines.used()).isEqualTo(100_000);
    ByteBuffer view = buffer.slice(10, 10);
    buffer = null;
    System.gc();
    engines.memory.refresh();
    assertThat(engines.used()).as("a view keeps it").isEqualTo(100_000);
    assertThat(view.capacity()).isEqualTo(10);
    assertThatThrownBy(() -> hooks.allocateDirect(ID, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusedCallsLeaveTheOldValue(@TempDir Path dir) throws Exception {
    try (Arena arena = Arena.ofShared();
        FileChannel file =
            FileChannel.open(
                dir.resolve("f"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      hooks.governed(ID, arena).allocate(1000);
      long before = engines.used();
      assertThatThrownBy(() -> hooks.allocateDirect(ID, LIMIT))
          .isInstanceOf(BudgetExceededException.class);
      assertThatThrownBy(() -> hooks.governed(ID, arena).allocate(LIMIT))
          .isInstanceOf(BudgetExceededException.class);
      assertThatThrownBy(() -> hooks.map(ID, file, MapMode.READ_WRITE, 0, LIMIT))
          .isInstanceOf(BudgetExceededException.class);
      assertThat(file.size()).as("the file did not grow").isZero();
      try (Arena own = hooks.ofShared(ID)) {
        assertThatThrownBy(() -> own.allocate(LIMIT)).isInstanceOf(BudgetExceededException.class);
      }
      assertThat(engines.used()).isEqualTo(before);
      assertThat(engines.mapped()).isZero();
    }
    assertThat(engines.used()).isZero();
  }

  @Test
  void failureOfTheJdkEndsTheCharge(@TempDir Path dir) throws Exception {
    Path path = dir.resolve("f");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertThatThrownBy(() -> hooks.map(ID, file, MapMode.READ_WRITE, 0, 4096))
          .isInstanceOf(java.nio.channels.NonReadableChannelException.class);
      assertThat(engines.mapped()).isZero();
    }
    Arena closed = Arena.ofConfined();
    closed.close();
    assertThatThrownBy(() -> hooks.governed(ID, closed).allocate(100))
        .isInstanceOf(IllegalStateException.class);
    assertThat(engines.used()).isZero();
  }

  @Test
  void mappingsAreChargedUntilTheyEnd(@TempDir Path dir) throws Exception {
    try (FileChannel file =
        FileChannel.open(
            dir.resolve("f"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment segment = hooks.map(ID, file, MapMode.READ_WRITE, 0, 10_000, arena);
        assertThat(segment.isMapped()).isTrue();
        segment.force();
        assertThat(engines.mapped()).isEqualTo(10_000);
      }
      assertThat(engines.mapped()).isZero();
      MappedByteBuffer buffer = hooks.map(ID, file, MapMode.READ_ONLY, 0, 5000);
      assertThat(engines.mapped()).isEqualTo(5000);
      assertThat(buffer.get(0)).isZero();
      buffer = null;
      engines.collectUntil(() -> engines.mapped() == 0);
      assertThat(engines.mapped()).isZero();
    }
  }

  @Test
  void whatIsChargedAlreadyIsNotChargedAgain() {
    try (Arena own = hooks.ofConfined(ID)) {
      assertThat(hooks.governed(ID, own)).isSameAs(own);
      SegmentAllocator slices = SegmentAllocator.slicingAllocator(own.allocate(1024));
      assertThat(hooks.governed(ID, slices)).isSameAs(slices);
    }
  }

  @Test
  void unsafeMemoryIsChargedUntilFreed() throws Exception {
    Class<?> type = Class.forName("sun.misc.Unsafe");
    var field = type.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    Object unsafe = field.get(null);
    long address = hooks.allocateMemory(ID, unsafe, 5000);
    assertThat(engines.used()).isEqualTo(5000);
    assertThatThrownBy(() -> hooks.reallocateMemory(ID, unsafe, address, LIMIT))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(engines.used()).isEqualTo(5000);
    long moved = hooks.reallocateMemory(ID, unsafe, address, 9000);
    assertThat(engines.used()).isEqualTo(9000);
    hooks.freeMemory(unsafe, moved);
    assertThat(engines.used()).isZero();
    assertThatThrownBy(() -> hooks.allocateMemory(ID, unsafe, LIMIT + 1L))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(engines.used()).isZero();
  }
}
