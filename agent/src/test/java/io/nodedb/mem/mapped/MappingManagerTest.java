package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.Pin;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pin gives, and what it refuses. */
class MappingManagerTest {
  private static final long PAGE = LibC.PAGE;
  private static final long WINDOW = 16 * PAGE;

  @TempDir Path dir;
  private final AtomicLong clock = new AtomicLong();
  private MappingManager manager;

  @BeforeEach
  void open() {
    manager =
        new MappingManager(
            MappingSettings.DEFAULTS
                .withWindowSize(WINDOW)
                .withBudget(8 * WINDOW)
                .withPinWait(Duration.ZERO),
            AccountSource.NONE,
            clock::get);
  }

  @AfterEach
  void everythingIsGivenBack() {
    manager.close();
    MappingSnapshot end = manager.snapshot();
    assertThat(end.total().bytes()).isZero();
    assertThat(end.total().windows()).isZero();
    assertThat(end.total().livePins()).isZero();
    assertThat(end.openFiles()).isZero();
    assertThat(end.lockedBytes()).isZero();
  }

  private Pin pin(Path file, long offset, long length, MapMode mode) {
    return manager.pin(file, offset, length, mode, "query", "field");
  }

  private Path file(String name, long bytes) throws IOException {
    byte[] content = new byte[(int) bytes];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31 + (i >> 12));
    }
    return Files.write(dir.resolve(name), content);
  }

  private static byte expected(long i) {
    return (byte) (i * 31 + (i >> 12));
  }

  @Test
  void readsEveryByteAtEveryKindOfPlace() throws IOException {
    Path file = file("a", 3 * WINDOW + 77);
    long[][] ranges = {
      {0, 1}, {5, 100}, {WINDOW - 1, 1}, {WINDOW - 1, 2}, {WINDOW, WINDOW}, {1, 3 * WINDOW},
      {2 * WINDOW - 10, WINDOW}, {3 * WINDOW, 77}, {3 * WINDOW + 76, 1}, {0, 3 * WINDOW + 77}
    };
    for (long[] range : ranges) {
      try (Pin pin = pin(file, range[0], range[1], MapMode.READ_ONLY)) {
        assertThat(pin.segment().byteSize()).isEqualTo(range[1]);
        for (long i = 0; i < range[1]; i++) {
          if (pin.segment().get(ValueLayout.JAVA_BYTE, i) != expected(range[0] + i)) {
            throw new AssertionError("byte " + i + " of " + range[0] + "+" + range[1]);
          }
        }
      }
    }
  }

  @Test
  void rangeAcrossBoundaryIsOneSegmentAndSeesWritesThroughWindows() throws IOException {
    Path file = file("a", 2 * WINDOW);
    try (Pin across = pin(file, WINDOW - 4, 8, MapMode.READ_WRITE);
        Pin left = pin(file, WINDOW - 4, 4, MapMode.READ_WRITE);
        Pin right = pin(file, WINDOW, 4, MapMode.READ_ONLY)) {
      left.segment().set(ValueLayout.JAVA_INT_UNALIGNED, 0, 0x01020304);
      across.segment().set(ValueLayout.JAVA_INT_UNALIGNED, 4, 0x05060708);
      assertThat(across.segment().get(ValueLayout.JAVA_INT_UNALIGNED, 0)).isEqualTo(0x01020304);
      assertThat(right.segment().get(ValueLayout.JAVA_INT_UNALIGNED, 0)).isEqualTo(0x05060708);
    }
  }

  @Test
  void emptyPinMapsNothingButChecksTheFile() throws IOException {
    try (Pin pin = pin(file("a", 10), 10, 0, MapMode.READ_ONLY)) {
      assertThat(pin.segment().byteSize()).isZero();
      assertThat(manager.mappedBytes()).isZero();
      pin.force();
    }
    assertThatThrownBy(() -> pin(dir.resolve("none"), 0, 0, MapMode.READ_ONLY))
        .isInstanceOfSatisfying(
            MappingException.class,
            e -> assertThat(e.reason()).isEqualTo(MappingException.Reason.NO_SUCH_FILE));
  }

  @Test
  void writingPastTheEndGrowsTheFile() throws IOException {
    Path file = dir.resolve("new");
    for (long size = 100; size < 3 * WINDOW; size = size * 2 + 1) {
      try (Pin pin = pin(file, size - 10, 10, MapMode.READ_WRITE)) {
        pin.segment().fill((byte) 7);
      }
      assertThat(Files.size(file)).isEqualTo(size);
    }
    byte[] content = Files.readAllBytes(file);
    assertThat(content[99]).isEqualTo((byte) 7);
    assertThat(content[50]).isZero();
  }

  @Test
  void growthInSmallStepsRemapsSeldom() {
    Path file = dir.resolve("log");
    for (int i = 0; i < 16; i++) {
      pin(file, i * PAGE, PAGE, MapMode.READ_WRITE).close();
    }
    assertThat(manager.snapshot().total().maps()).isLessThanOrEqualTo(5);
  }

  @Test
  void pinSurvivesGrowthOfItsFile() {
    Path file = dir.resolve("a");
    try (Pin early = pin(file, 0, 8, MapMode.READ_WRITE)) {
      early.segment().set(ValueLayout.JAVA_LONG, 0, 42);
      try (Pin late = pin(file, 5 * PAGE, 8, MapMode.READ_WRITE);
          Pin again = pin(file, 0, 8, MapMode.READ_ONLY)) {
        assertThat(again.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
        early.segment().set(ValueLayout.JAVA_LONG, 0, 43);
        assertThat(again.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(43);
        assertThat(late.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
      }
    }
  }

  @Test
  void readerSeesGrowthByAnotherProgram() throws IOException {
    Path file = file("a", 100);
    pin(file, 0, 100, MapMode.READ_ONLY).close();
    assertThatThrownBy(() -> pin(file, 0, 101, MapMode.READ_ONLY))
        .isInstanceOfSatisfying(
            MappingException.class,
            e -> assertThat(e.reason()).isEqualTo(MappingException.Reason.OUT_OF_RANGE))
        .hasMessageContaining("ends at 100");
    Files.write(file, new byte[5 * (int) PAGE]);
    pin(file, 0, 5 * PAGE, MapMode.READ_ONLY).close();
  }

  @Test
  void sameFileByTwoPathsSharesItsWindow() throws IOException {
    Path file = file("a", 100);
    Path hard = Files.createLink(dir.resolve("hard"), file);
    Path soft = Files.createSymbolicLink(dir.resolve("soft"), Path.of("a"));
    Path round = dir.resolve("../" + dir.getFileName() + "/a");
    for (Path path : new Path[] {file, hard, soft, round}) {
      pin(path, 0, 100, MapMode.READ_ONLY).close();
    }
    assertThat(manager.snapshot().total().windows()).isEqualTo(1);
    assertThat(manager.snapshot().files()).isEqualTo(1);
  }

  @Test
  void readOnlyPinRefusesWrites() throws IOException {
    Path file = file("a", 100);
    pin(file, 0, 100, MapMode.READ_WRITE).close();
    try (Pin pin = pin(file, 0, 100, MapMode.READ_ONLY)) {
      MemorySegment segment = pin.segment();
      assertThat(segment.isReadOnly()).isTrue();
      assertThatThrownBy(() -> segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void useAfterCloseRaises() throws IOException {
    Path file = file("a", 100);
    Pin pin = pin(file, 0, 100, MapMode.READ_ONLY);
    MemorySegment segment = pin.segment();
    MemorySegment slice = segment.asSlice(10, 10);
    ByteBuffer buffer = segment.asByteBuffer();
    pin.close();
    pin.close();
    manager.release(file);
    assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> slice.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> buffer.get(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(pin::segment).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(pin::force).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anotherThreadCanNeitherTouchNorClose() throws IOException {
    try (Pin pin = pin(file("a", 100), 0, 100, MapMode.READ_ONLY)) {
      MemorySegment segment = pin.segment();
      CompletableFuture<Byte> touch =
          CompletableFuture.supplyAsync(() -> segment.get(ValueLayout.JAVA_BYTE, 0));
      assertThatThrownBy(touch::join).hasCauseInstanceOf(WrongThreadException.class);
      CompletableFuture<Void> close = CompletableFuture.runAsync(pin::close);
      assertThatThrownBy(close::join).hasCauseInstanceOf(WrongThreadException.class);
      assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo(expected(0));
      assertThat(manager.snapshot().total().livePins()).isEqualTo(1);
    }
  }

  @Test
  void forcedBytesAreInTheFile() throws IOException {
    Path file = dir.resolve("a");
    try (Pin pin = pin(file, WINDOW - 100, 200, MapMode.READ_WRITE)) {
      pin.segment().fill((byte) 9);
      pin.force();
    }
    assertThat(Files.readAllBytes(file)[(int) WINDOW]).isEqualTo((byte) 9);
  }

  @Test
  void createdFilesAreTheOwnersOnly() throws IOException {
    Path file = dir.resolve("private");
    pin(file, 0, 10, MapMode.READ_WRITE).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void rangesThatAreNoneAreRefused() throws IOException {
    Path file = file("a", 100);
    pin(file, 0, 100, MapMode.READ_ONLY).close();
    long[][] ranges = {{-1, 5}, {5, -1}, {Long.MAX_VALUE, 5}, {5, Long.MAX_VALUE}, {-1, -1}};
    for (long[] range : ranges) {
      assertThatThrownBy(() -> pin(file, range[0], range[1], MapMode.READ_WRITE))
          .isInstanceOfSatisfying(
              MappingException.class,
              e -> assertThat(e.reason()).isEqualTo(MappingException.Reason.OUT_OF_RANGE));
    }
    assertThat(Files.size(file)).isEqualTo(100);
  }

  @Test
  void prefetchNeedsNoRoomAndStopsAtTheEnd() throws IOException {
    Path file = file("a", 3 * WINDOW);
    manager.prefetch(file, 0, Long.MAX_VALUE);
    manager.prefetch(file, 10 * WINDOW, 5);
    assertThat(manager.mappedBytes()).isZero();
    pin(file, 0, 10, MapMode.READ_ONLY).close();
    manager.prefetch(file, 100, 3000);
    assertThat(manager.residentBytes("query")).isEqualTo(WINDOW);
    assertThat(manager.residentBytes("wal")).isZero();
  }

  @Test
  void adviceIsAcceptedBeforeAndAfterMapping() throws IOException {
    Path file = file("a", 100);
    manager.advise(file, MapAdvice.RANDOM);
    pin(file, 0, 100, MapMode.READ_ONLY).close();
    manager.advise(file, MapAdvice.SEQUENTIAL);
    pin(file, 0, 100, MapMode.READ_ONLY).close();
    assertThat(manager.snapshot().total().maps()).isEqualTo(1);
  }

  @Test
  void closedManagerRefuses() throws IOException {
    Path file = file("a", 100);
    manager.close();
    assertThatThrownBy(() -> pin(file, 0, 1, MapMode.READ_ONLY))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("closed");
  }
}
