package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.io.BufferedReader;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaderTest {
  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();

  @AfterEach
  void closeManager() {
    manager.close();
  }

  @Test
  void readersInAnotherProcessSeeWholeStatesWhileTheWriterGoesOn() throws Exception {
    int slots = 40;
    Path dir = temp.resolve("region");
    File errors = temp.resolve("errors").toFile();
    try (OverflowRegion region = Store.open(dir, manager)) {
      List<Long> live = state(region, 0, slots, List.of());
      Process child =
          ChildJvm.start(ReaderChild.class, errors, dir.toString(), "25", Integer.toString(slots));
      List<String> said = new ArrayList<>();
      Thread listener =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (BufferedReader output = child.inputReader()) {
                      said.addAll(ChildJvm.rest(output));
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      long generation = 1;
      while (child.isAlive()) {
        live = state(region, generation++, slots, live);
      }
      listener.join();
      assertThat(child.waitFor()).as(() -> text(errors)).isZero();
      assertThat(said).hasSize(25);
      assertThat(said.getLast()).as("the reader followed").isNotEqualTo("0 .");
    }
  }

  /** Replaces all slots by ones of the next generation, then makes that state a checkpoint. */
  private static List<Long> state(
      OverflowRegion region, long generation, int slots, List<Long> old) {
    List<Long> live = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      ByteBuffer payload = ByteBuffer.allocate(2000).order(ByteOrder.nativeOrder());
      payload.putLong(0, generation).putLong(1992, generation);
      live.add(region.write(payload.array(), "query"));
    }
    old.forEach(region::free);
    region.forceCheckpoint();
    return live;
  }

  @Test
  void openingReadsAsMuchForManySlotsAsForFew() throws Exception {
    long few = bytesToOpen(temp.resolve("few"), 10);
    long many = bytesToOpen(temp.resolve("many"), 100_000);
    assertThat(many).isEqualTo(few).isLessThan(32 << 10);
  }

  /** Makes a region of so many slots, 16 bytes each, and opens it: how much had to be read. */
  private long bytesToOpen(Path dir, int slots) {
    try (OverflowRegion region =
        Store.open(
            dir,
            Store.small()
                .withSize(64 << 10, 16 << 20)
                .withDurability(io.nodedb.mem.OverflowOptions.Durability.NONE),
            manager)) {
      byte[] payload = new byte[16];
      for (int i = 0; i < slots; i++) {
        region.write(payload, "query");
      }
    }
    try (OverflowRegion reader = Store.openReadOnly(dir, manager)) {
      assertThat(reader.statistics().liveSlots()).isEqualTo(slots);
      assertThat(manager.snapshot().total().windows()).as("windows mapped by opening").isZero();
      long opened = reader.statistics().openBytes();
      assertThat(Store.read(reader, reader.slots(null).findFirst().orElseThrow())).hasSize(16);
      return opened;
    }
  }

  @Test
  void readerOfACopyNeedsNoWriterAndWritesNothing() throws Exception {
    Path dir = temp.resolve("region");
    long slot;
    try (OverflowRegion region = Store.open(dir, manager)) {
      slot = region.write(Store.payload(3, 3000), "query");
    }
    Path copy = temp.resolve("copy");
    Store.copy(dir, copy);
    Files.delete(copy.resolve("READERS"));
    Files.delete(copy.resolve("LOCK"));
    try (OverflowRegion reader = Store.openReadOnly(copy, manager)) {
      assertThat(Store.read(reader, slot)).isEqualTo(Store.payload(3, 3000));
    }
    assertThat(copy.resolve("READERS")).doesNotExist();
    assertThat(copy.resolve("LOCK")).doesNotExist();
  }

  private static String text(File file) {
    try {
      return Files.readString(file.toPath());
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
