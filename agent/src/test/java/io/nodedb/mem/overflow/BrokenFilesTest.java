package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.MemoryBudgetException;
import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files missing or cut short, and a disk that is full. */
class BrokenFilesTest {
  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();

  @AfterEach
  void closeManager() {
    manager.close();
  }

  private Path crashed() throws IOException {
    Path dir = temp.resolve("region");
    Path crashed = temp.resolve("crashed");
    try (OverflowRegion region = Store.open(dir, manager)) {
      for (int i = 0; i < 300; i++) {
        region.write(Store.payload(i, 200), "query");
        if (i % 100 == 99) {
          region.forceCheckpoint();
        }
      }
      region.write(Store.payload(1, 200), "query");
      Store.copy(dir, crashed);
    }
    return crashed;
  }

  @Test
  void eachMissingFileIsNamed() throws IOException {
    Path crashed = crashed();
    for (String name :
        List.of("superblock", "MANIFEST", "data-1", "checkpoint-3", "checkpoint-4", "log-4")) {
      Path dir = temp.resolve("without");
      Store.copy(crashed, dir);
      Files.delete(dir.resolve(name));
      assertThatThrownBy(() -> Store.open(dir, manager))
          .isInstanceOfSatisfying(
              DamageException.class,
              e -> assertThat(e.file()).isEqualTo(dir.resolve(name).toString()));
      Store.delete(dir);
    }
  }

  @Test
  void eachFileCutShortIsNamed() throws IOException {
    Path crashed = crashed();
    for (String name :
        List.of("superblock", "MANIFEST", "data-1", "checkpoint-3", "checkpoint-4", "log-4")) {
      Path dir = temp.resolve("cut");
      Store.copy(crashed, dir);
      long size = Files.size(dir.resolve(name));
      for (long left : new long[] {0, 10, Math.min(size, 60_000) - 1}) {
        try (FileChannel file =
            FileChannel.open(dir.resolve(name), StandardOpenOption.WRITE)) {
          file.truncate(left);
        }
        if (name.equals("superblock") && left > SuperblockLayout.SIZE) {
          Store.open(dir, manager).close(); // the other place is whole
        } else {
          assertThatThrownBy(() -> Store.open(dir, manager))
              .as("%s cut at %d", name, left)
              .isInstanceOfSatisfying(
                  DamageException.class,
                  e -> assertThat(e.file()).isEqualTo(dir.resolve(name).toString()));
        }
        Files.copy(
            crashed.resolve(name), dir.resolve(name),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
      Store.delete(dir);
    }
  }

  @Test
  void fullDiskIsAnExceptionAndTheRegionWorksAgainWhenThereIsRoom() throws Exception {
    Path disk = Files.createDirectory(temp.resolve("disk"));
    mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
    try {
      List<Long> slots = new ArrayList<>();
      try (OverflowRegion region =
          Store.open(
              disk.resolve("region"), Store.small().withSize(64 << 10, 64 << 20), manager)) {
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 1000; i++) {
                    slots.add(region.write(Store.payload(i, 10_000), "query"));
                  }
                })
            .isInstanceOf(OverflowException.class)
            .hasMessageContaining("data-1")
            .hasMessageContaining("bytes");
        assertThat(slots).hasSizeGreaterThan(20);
        readAll(region, slots);
        mount("-o", "remount,size=16m", disk.toString());
        slots.add(region.write(Store.payload(slots.size(), 10_000), "query"));
        readAll(region, slots);
      }
      mount("-o", "remount,ro", disk.toString());
      try (OverflowRegion reader = Store.openReadOnly(disk.resolve("region"), manager)) {
        readAll(reader, slots);
      }
      assertThatThrownBy(() -> Store.open(disk.resolve("region"), manager))
          .isInstanceOf(MemoryBudgetException.class)
          .hasMessageContaining("Read-only file system");
      mount("-o", "remount,rw", disk.toString());
      try (OverflowRegion region = Store.open(disk.resolve("region"), manager)) {
        readAll(region, slots);
      }
    } finally {
      manager.close();
      run("umount", disk.toString());
    }
  }

  private static void readAll(OverflowRegion region, List<Long> slots) {
    for (int i = 0; i < slots.size(); i++) {
      assertThat(Store.read(region, slots.get(i))).isEqualTo(Store.payload(i, 10_000));
    }
  }

  private static void mount(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(arguments));
    if (run(command.toArray(String[]::new)) != 0) {
      System.err.println("SKIPPED: the full disk test needs the permission to mount a tmpfs");
      Assumptions.abort("mounting a tmpfs is not permitted");
    }
  }

  private static int run(String... command) throws Exception {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    } catch (IOException e) {
      return -1; // no such program
    }
  }
}
