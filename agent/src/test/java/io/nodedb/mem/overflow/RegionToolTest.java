package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.report.CommandLineTool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionToolTest {
  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();
  private final Map<Long, byte[]> live = new HashMap<>();
  private Path dir;
  private String out;
  private String err;

  @BeforeEach
  void makeRegion() {
    dir = temp.resolve("region");
    try (OverflowRegion region = Store.open(dir, manager)) {
      for (int i = 0; i < 100; i++) {
        byte[] payload = Store.payload(i, 3000 + i);
        long slot = region.write(payload, i % 2 == 0 ? "vector" : "query");
        if (i % 4 == 3) {
          region.free(slot);
        } else {
          live.put(slot, payload);
        }
      }
    }
  }

  @AfterEach
  void closeManager() {
    manager.close();
  }

  private int run(String... args) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    int code = CommandLineTool.run(new PrintStream(outBytes), new PrintStream(errBytes), args);
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  private void flip(String name, long offset) throws IOException {
    try (FileChannel channel =
        FileChannel.open(dir.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      channel.write(one.put(0, (byte) ~one.get(0)).flip(), offset);
    }
  }

  @Test
  void inspectTellsWhatIsThere() {
    assertThat(run("overflow", "inspect", dir.toString())).isZero();
    assertThat(out).contains("75 slots").contains("vector").contains("checkpoint").contains("log");
    assertThat(run("overflow", "inspect", "--json", dir.toString())).isZero();
    assertThat(out).contains("\"liveSlots\":75").contains("\"vector\":{\"slots\":50");
    assertThat(err).isEmpty();
  }

  @Test
  void verifyListsEveryDamagedPlace() throws IOException {
    assertThat(run("overflow", "verify", dir.toString())).isZero();
    assertThat(out).contains("no damage");
    flip("data-1", DataLayout.SIZE + 100);
    flip("superblock", SuperblockLayout.SIZE + 100);
    flip("checkpoint-2", CheckpointLayout.SIZE + 50);
    assertThat(run("overflow", "verify", "--json", dir.toString())).isEqualTo(1);
    assertThat(out)
        .contains("\"good\":false")
        .contains("superblock\",\"offset\":4096")
        .contains("checkpoint-2\",\"offset\":4096");
    flip("checkpoint-2", CheckpointLayout.SIZE + 50);
    assertThat(run("overflow", "verify", dir.toString())).isEqualTo(1);
    assertThat(out).contains("data-1, offset 4096").contains("2 damaged places");
  }

  @Test
  void compactionKeepsSlotsAndDropsGaps() throws IOException {
    assertThat(run("overflow", "compact", dir.toString())).isZero();
    assertThat(out).contains("75 slots");
    long bytes = live.values().stream().mapToLong(b -> DataLayout.aligned(b.length)).sum();
    assertThat(Files.size(dir.resolve("data-2"))).isEqualTo(DataLayout.SIZE + bytes);
    assertThat(dir.resolve("data-1")).doesNotExist();
    assertThat(run("overflow", "verify", dir.toString())).isZero();
    try (OverflowRegion reader = Store.openReadOnly(dir, manager)) {
      live.forEach((slot, payload) -> assertThat(Store.read(reader, slot)).isEqualTo(payload));
    }
    try (OverflowRegion region = Store.open(dir, manager)) {
      live.forEach((slot, payload) -> assertThat(Store.read(region, slot)).isEqualTo(payload));
      long more = region.write(Store.payload(7, 9000), "wal");
      assertThat(Store.read(region, more)).isEqualTo(Store.payload(7, 9000));
    }
  }

  @Test
  void compactionRefusesDamageAndWritersAndLeavesReadersTheirs() throws IOException {
    long slot = live.keySet().iterator().next();
    try (OverflowRegion region = Store.open(dir, manager)) {
      assertThat(region.readOnly()).isFalse();
      assertThat(run("overflow", "compact", dir.toString())).isEqualTo(3);
      assertThat(err).contains("open for writing");
    }
    try (OverflowRegion reader = Store.openReadOnly(dir, manager)) {
      assertThat(run("overflow", "compact", dir.toString())).isZero();
      assertThat(Store.read(reader, slot)).isEqualTo(live.get(slot));
    }
    flip("data-2", DataLayout.SIZE + 5);
    assertThat(run("overflow", "compact", dir.toString())).isEqualTo(1);
    assertThat(err).contains("data-2").contains("offset 4096");
    assertThat(dir.resolve("data-3")).doesNotExist();
  }

  @Test
  void wrongUseIsSaid() {
    assertThat(run("overflow", "inspect")).isEqualTo(2);
    assertThat(err).contains("DIR");
    assertThat(run("overflow", "verify", temp.resolve("nothing").toString())).isEqualTo(3);
    assertThat(err).contains("there is no region");
    assertThat(run("overflow", "compact", temp.resolve("nothing").toString())).isEqualTo(3);
    assertThat(temp.resolve("nothing")).doesNotExist();
    assertThat(run("overflow", "--help")).isZero();
    assertThat(out).contains("inspect").contains("verify").contains("compact").contains("Exit");
    assertThatThrownBy(() -> RegionTool.inspect(temp.resolve("nothing")))
        .isInstanceOf(OverflowException.class);
  }
}
