package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are cut, deleted or replaced under an open region. */
class RegionFaultsTest {
  private static final int SIZE = 3000;

  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();
  private final List<Long> slots = new ArrayList<>();

  @AfterEach
  void closeManager() {
    manager.close();
  }

  private Path dir() {
    return temp.resolve("region");
  }

  private void write(OverflowRegion region, int count) {
    for (int i = 0; i < count; i++) {
      slots.add(region.write(Store.payload(slots.size(), SIZE), "query"));
    }
  }

  private void readAll(OverflowRegion region) {
    for (int i = 0; i < slots.size(); i++) {
      assertThat(Store.read(region, slots.get(i))).isEqualTo(Store.payload(i, SIZE));
    }
  }

  private void refused(OverflowRegion region, Path file, String what) {
    for (int size : new int[] {100, SIZE, 100_000}) { // gathered or not
      assertThatThrownBy(() -> region.write(new byte[size], "query"))
          .isInstanceOf(OverflowException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining(what);
    }
    assertThatThrownBy(region::forceCheckpoint)
        .isInstanceOf(OverflowException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(what);
  }

  @Test
  void cutDataFileIsNamedByEveryWriteAndCheckpointUntilItIsRestored() throws IOException {
    Path data = dir().resolve("data-1");
    try (OverflowRegion region = Store.open(dir(), manager)) {
      write(region, 20);
      byte[] whole = Files.readAllBytes(data);
      try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
        channel.truncate(DataLayout.SIZE + 3 * SIZE);
      }
      refused(region, data, "was cut from 65536 to");
      assertThat(Files.size(data)).as("nothing was written").isEqualTo(DataLayout.SIZE + 3 * SIZE);
      Files.write(data, whole, StandardOpenOption.WRITE);
      write(region, 5);
      readAll(region);
      region.forceCheckpoint();
    }
    try (OverflowRegion region = Store.open(dir(), manager)) {
      readAll(region);
      assertThat(region.slots(null).count()).as("refused writes").isEqualTo(slots.size());
    }
  }

  @Test
  void deletedDataFileIsNamedAndACopyInItsPlaceIsOpenedWhole() throws IOException {
    fileThatVanishes("data-1", "was deleted");
  }

  @Test
  void deletedLogIsNamedAndACopyInItsPlaceIsOpenedWhole() throws IOException {
    fileThatVanishes("log-1", "was deleted");
  }

  private void fileThatVanishes(String name, String what) throws IOException {
    Path file = dir().resolve(name);
    Path saved = temp.resolve("saved");
    OverflowRegion region = Store.open(dir(), manager);
    write(region, 20);
    Files.copy(file, saved);
    Files.delete(file);
    refused(region, file, what);
    assertThatThrownBy(region::close)
        .isInstanceOf(OverflowException.class).hasMessageContaining(what);
    assertThatThrownBy(() -> Store.open(dir(), manager))
        .isInstanceOfSatisfying(
            DamageException.class, e -> assertThat(e.file()).isEqualTo(file.toString()));
    Files.copy(saved, file);
    try (OverflowRegion again = Store.open(dir(), manager)) {
      readAll(again);
      assertThat(again.slots(null).count()).as("refused writes").isEqualTo(slots.size());
    }
  }

  @Test
  void replacedLogIsNamed() throws IOException {
    Path log = dir().resolve("log-1");
    OverflowRegion region = Store.open(dir(), manager);
    write(region, 3);
    Path copy = Files.copy(log, temp.resolve("copy"));
    Files.move(copy, log, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    refused(region, log, "was replaced");
    assertThatThrownBy(region::close).isInstanceOf(OverflowException.class);
    try (OverflowRegion again = Store.open(dir(), manager)) {
      readAll(again);
    }
  }

  @Test
  void withoutWaitingWritersHearOfItAfterTheNextGroup() throws IOException {
    Path log = dir().resolve("log-1");
    try (WritableRegion region =
        (WritableRegion)
            Store.open(
                dir(),
                Store.small()
                    .withDurability(Durability.ASYNC)
                    .withCommitWindow(java.time.Duration.ofDays(1)),
                manager)) {
      write(region, 3);
      byte[] whole = Files.readAllBytes(log);
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
        channel.truncate(100);
      }
      write(region, 1); // acknowledged at once: within what a crash may take
      region.committer().group();
      assertThatThrownBy(() -> region.write(new byte[1], "query"))
          .isInstanceOf(OverflowException.class)
          .hasMessageContaining("was cut from " + whole.length + " to 100");
      Files.write(log, whole, StandardOpenOption.WRITE);
      region.committer().group();
      write(region, 1);
    }
    try (OverflowRegion again = Store.open(dir(), manager)) {
      readAll(again);
    }
  }

  /** In a JVM of its own, since the point is whether that JVM lives. */
  @Test
  void payloadsBehindACutAreNamedWithFileAndOffsetAndTheJvmLives() throws Exception {
    File errors = temp.resolve("errors").toFile();
    Process child = ChildJvm.start(CutUnderRegionChild.class, errors, dir().toString());
    try (BufferedReader output = child.inputReader()) {
      assertThat(output.lines().toList())
          .as(() -> text(errors))
          .containsExactly("payloads=20000", "restored=" + SIZE, "alive");
    }
    assertThat(child.waitFor()).isZero();
  }

  private static String text(File file) {
    try {
      return Files.readString(file.toPath());
    } catch (IOException e) {
      return e.toString();
    }
  }
}
