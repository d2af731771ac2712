package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.MappingException;
import io.nodedb.mem.mapped.PositionalWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatheredWritesTest {
  private static final int FILE = 4 << 20;

  @TempDir(factory = MemoryDirectory.class) Path temp;
  private Path file;
  private PositionalWriter writer;
  private GatheredWrites gathered;

  @BeforeEach
  void open() throws IOException {
    file = Files.write(temp.resolve("data"), new byte[FILE]);
    writer = PositionalWriter.open(file);
    gathered = new GatheredWrites(writer);
  }

  @AfterEach
  void close() {
    writer.close();
  }

  private void append(long offset, byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload);
    assertThat(gathered.append(offset, MemorySegment.ofArray(payload))).isEqualTo(crc.getValue());
  }

  private byte[] file(long offset, int size) throws IOException {
    return Arrays.copyOfRange(Files.readAllBytes(file), (int) offset, (int) offset + size);
  }

  @Test
  void neighboursStayInMemoryUntilTheyAreAskedFor() throws IOException {
    byte[] first = Store.payload(1, 4096);
    byte[] second = Store.payload(2, 4096);
    append(4096, first);
    append(8192, second);
    gathered.writeSealed();
    gathered.settle(0); // nobody's
    assertThat(file(4096, 8192)).containsOnly(0);
    gathered.settle(8192);
    assertThat(file(4096, 4096)).isEqualTo(first);
    assertThat(file(8192, 4096)).isEqualTo(second);
    append(12288, first); // the chunk goes on behind what was written
    gathered.writeAll();
    assertThat(file(12288, 4096)).isEqualTo(first);
  }

  @Test
  void placeElsewhereSealsAndAThirdChunkWaitsForTheFirst() throws IOException {
    byte[] payload = Store.payload(3, 100);
    MemorySegment same = MemorySegment.ofArray(payload);
    append(0, payload);
    append(1 << 20, payload);
    assertThat(gathered.append(2 << 20, same)).isEqualTo(GatheredWrites.NONE);
    gathered.writeSealed();
    assertThat(file(0, 100)).isEqualTo(payload);
    assertThat(file(1 << 20, 100)).as("sealed by the attempt").isEqualTo(payload);
    append(2 << 20, payload);
    gathered.writeAll();
    assertThat(file(2 << 20, 100)).isEqualTo(payload);
  }

  @Test
  void memoryUsedBeforeShowsNowhere() throws IOException {
    byte[] full = new byte[GatheredWritesTest.largest()];
    Arrays.fill(full, (byte) 7);
    for (long at = 0; at < FILE / 2; at += full.length) {
      append(at, full);
      gathered.writeSealed();
    }
    for (int i = 0; i < 40; i++) { // each begins a chunk in memory that was full of sevens
      append(FILE / 2 + i * 4096L, new byte[] {1});
      gathered.writeSealed();
    }
    gathered.writeAll();
    assertThat(file(0, FILE / 2)).containsOnly(7);
    for (int i = 0; i < 40; i++) {
      assertThat(file(FILE / 2 + i * 4096L, 17))
          .isEqualTo(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    }
  }

  /** The largest size that is gathered. */
  private static int largest() {
    int size = 1;
    while (GatheredWrites.takes(2L * size)) {
      size *= 2;
    }
    assertThat(GatheredWrites.takes(0)).isFalse();
    return size;
  }

  @Test
  void failureIsToldToWhoNeedsTheBytesAndToNobodyElse() {
    append(0, new byte[10]);
    append(1 << 20, new byte[10]);
    writer.close();
    gathered.writeSealed();
    assertThatThrownBy(() -> gathered.settle(0)).isInstanceOf(MappingException.class);
    assertThatThrownBy(gathered::writeAll).isInstanceOf(MappingException.class);
    gathered.settle(2 << 20);
    MemorySegment more = MemorySegment.ofArray(new byte[10]);
    assertThat(gathered.append(2 << 20, more)).isEqualTo(GatheredWrites.NONE);
  }
}
