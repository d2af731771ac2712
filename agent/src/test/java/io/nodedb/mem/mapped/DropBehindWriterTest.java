package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.MapMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is there, and hardly any of it in memory. */
class DropBehindWriterTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir Path dir;

  @Test
  void everyByteArrivesWhateverTheSizesAndKinds() throws IOException {
    byte[] content = new byte[5 * MEGABYTE + 123];
    new Random(1).nextBytes(content);
    Path file = dir.resolve("a");
    Random random = new Random(2);
    try (Arena arena = Arena.ofConfined();
        DropBehindWriter writer = DropBehindWriter.create(file, 0)) {
      MemorySegment copy = arena.allocate(content.length);
      MemorySegment.copy(content, 0, copy, ValueLayout.JAVA_BYTE, 0, content.length);
      int at = 0;
      while (at < content.length) {
        int n = Math.min(content.length - at, 1 + random.nextInt(1 << (2 + random.nextInt(19))));
        switch (random.nextInt(3)) {
          case 0 -> writer.write(copy.asSlice(at, n));
          case 1 -> writer.write(MemorySegment.ofArray(content).asSlice(at, n));
          default -> {
            ByteBuffer buffer = ByteBuffer.wrap(content, at, n);
            writer.write(buffer);
            assertThat(buffer.hasRemaining()).isFalse();
          }
        }
        at += n;
        assertThat(writer.position()).isEqualTo(at);
      }
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void pagesWrittenAreDroppedBehind() {
    Path file = dir.resolve("a");
    try (Arena arena = Arena.ofConfined();
        DropBehindWriter writer = DropBehindWriter.create(file, 4 * MEGABYTE)) {
      MemorySegment bytes = arena.allocate(MEGABYTE).fill((byte) 1);
      for (int i = 0; i < 32; i++) {
        writer.write(bytes);
        assertThat(writer.position() - writer.dropped()).isLessThanOrEqualTo(5 * MEGABYTE);
      }
      writer.sync();
      assertThat(writer.dropped()).isEqualTo(32 * MEGABYTE);
    }
    try (MappingManager manager =
        new MappingManager(
            MappingSettings.DEFAULTS.withPinWait(Duration.ZERO),
            AccountSource.NONE,
            System::nanoTime)) {
      manager.pin(file, 0, 1, MapMode.READ_ONLY, "wal", "f").close();
      // Not all file systems drop (tmpfs keeps its files in memory): then this says so.
      assertThat(manager.residentBytes("wal")).isLessThan(4 * MEGABYTE);
    }
  }

  @Test
  void closedWriterRefuses() {
    DropBehindWriter writer = DropBehindWriter.create(dir.resolve("a"), 0);
    writer.close();
    writer.close();
    assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class);
  }
}
