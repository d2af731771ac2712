package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log cut at every byte of its last records. */
class LogTailTest {
  private static final int SLOTS = 4;

  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();
  private final List<Long> slots = new ArrayList<>();
  private Path crashed;
  private UUID region;

  /** A region that was open for writing: engine record, then a record for each slot. */
  @BeforeEach
  void crash() throws IOException {
    Path dir = temp.resolve("region");
    crashed = temp.resolve("crashed");
    try (OverflowRegion open =
        Store.open(dir, Store.small().withDurability(Durability.SYNC), manager)) {
      for (int i = 0; i < SLOTS; i++) {
        slots.add(open.write(Store.payload(i, 100 + i), "query"));
      }
      Store.copy(dir, crashed);
    }
    region = Superblocks.newest(new RegionFiles(crashed)).region();
  }

  @AfterEach
  void closeManager() {
    manager.close();
  }

  @Test
  void acknowledgedRecordsThatAreCutOffAreDamageNamedByFileAndOffset() throws IOException {
    long end = LogScan.offsetOf(SLOTS + 1);
    assertThat(Files.size(crashed.resolve("log-1"))).isEqualTo(end);
    for (long size = LogScan.offsetOf(SLOTS - 1); size < end; size++) {
      Path dir = cut(size);
      long record = (size - LogLayout.HEADER_PAGE) / LogLayout.RECORD_SIZE;
      assertThatThrownBy(() -> Store.open(dir, manager))
          .as("cut at %d", size)
          .isInstanceOfSatisfying(
              DamageException.class,
              e -> {
                assertThat(e.file()).isEqualTo(dir.resolve("log-1").toString());
                assertThat(e.offset()).isEqualTo(LogScan.offsetOf(record));
              });
      Store.delete(dir);
    }
  }

  @Test
  void tornTailBehindTheDurableMarkIsCutOff() throws IOException {
    int durable = 2; // the engine's record and the first slot's
    for (long size = LogScan.offsetOf(durable); size <= LogScan.offsetOf(SLOTS + 1); size++) {
      Path dir = cut(size);
      mark(dir, durable);
      int whole = (int) ((size - LogLayout.HEADER_PAGE) / LogLayout.RECORD_SIZE) - 1;
      try (OverflowRegion open = Store.open(dir, manager)) {
        assertThat(open.slots(null).boxed().toList())
            .as("cut at %d", size)
            .containsExactlyElementsOf(slots.subList(0, whole));
        for (int i = 0; i < whole; i++) {
          assertThat(Store.read(open, slots.get(i))).isEqualTo(Store.payload(i, 100 + i));
        }
        long more = open.write(Store.payload(99, 50), "vector");
        assertThat(Store.read(open, more)).isEqualTo(Store.payload(99, 50));
      }
      Store.delete(dir);
    }
  }

  @Test
  void logIsCutWhereAnUnacknowledgedPayloadDidNotReachTheDisk() throws IOException {
    Path dir = cut(LogScan.offsetOf(SLOTS + 1));
    mark(dir, 2);
    long third = DataLayout.SIZE + 2 * DataLayout.aligned(101);
    try (FileChannel data = FileChannel.open(dir.resolve("data-1"), StandardOpenOption.WRITE)) {
      RegionFiles.writeFully(data, java.nio.ByteBuffer.allocate(100), third);
    }
    try (OverflowRegion open = Store.open(dir, manager)) {
      assertThat(open.slots(null).boxed().toList()).containsExactlyElementsOf(slots.subList(0, 2));
    }
  }

  @Test
  void crashAgainAfterACutLosesNothingAcknowledgedSince() throws IOException {
    Path dir = cut(LogScan.offsetOf(SLOTS + 1) - 10);
    mark(dir, 2);
    Path again = temp.resolve("again");
    long later;
    try (OverflowRegion open = Store.open(dir, manager)) {
      later = open.write(Store.payload(50, 500), "wal");
      Store.copy(dir, again);
    }
    try (OverflowRegion open = Store.open(again, manager)) {
      assertThat(Store.read(open, later)).isEqualTo(Store.payload(50, 500));
      assertThat(open.slots(null).count()).isEqualTo(SLOTS);
    }
  }

  private Path cut(long size) throws IOException {
    Path dir = temp.resolve("cut");
    Store.copy(crashed, dir);
    try (FileChannel log = FileChannel.open(dir.resolve("log-1"), StandardOpenOption.WRITE)) {
      log.truncate(size);
    }
    return dir;
  }

  /** Sets the durable mark back: the moment before the last group was acknowledged. */
  private void mark(Path dir, int records) throws IOException {
    try (FileChannel log = FileChannel.open(dir.resolve("log-1"), StandardOpenOption.WRITE)) {
      var word = Frame.allocate(8).putLong(0, LogLayout.durable(region, 1, records, false));
      RegionFiles.writeFully(log, word, LogLayout.DURABLE_OFFSET);
    }
  }
}
