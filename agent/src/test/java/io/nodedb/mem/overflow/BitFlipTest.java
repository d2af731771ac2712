package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One bit flipped, in every file, at random and at each byte of the small structures: either the
 * damage is named, with the file it is in, or everything reads back right. Set the property {@code
 * overflow.flips} for more than the default number of random ones in each file.
 */
class BitFlipTest {
  private static final int FLIPS = Integer.getInteger("overflow.flips", 80);

  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();
  private final Map<Long, byte[]> written = new HashMap<>();
  private final Map<Long, byte[]> checkpointed = new HashMap<>();
  private final List<String> missed = new ArrayList<>();
  private Path pristine;
  private int found;

  @BeforeEach
  void makeRegion() throws IOException {
    Path dir = temp.resolve("region");
    pristine = temp.resolve("pristine");
    try (OverflowRegion region = Store.open(dir, manager)) {
      for (int i = 0; i < 200; i++) {
        byte[] payload = Store.payload(i, 50 + i);
        long slot = region.write(payload, i % 2 == 0 ? "vector" : "query");
        written.put(slot, payload);
        if (i == 100) {
          region.forceCheckpoint();
        }
      }
      checkpointed.putAll(written);
      region.forceCheckpoint();
      for (int i = 0; i < 20; i++) {
        byte[] payload = Store.payload(1000 + i, 300);
        written.put(region.write(payload, "wal"), payload);
      }
      Store.copy(dir, pristine);
    }
  }

  @AfterEach
  void closeManager() {
    manager.close();
  }

  @Test
  void everyFlippedBitIsNamedOrHarmless() throws IOException {
    Random random = new Random(42);
    List<Path> files;
    try (Stream<Path> list = Files.list(pristine)) {
      files = list.filter(f -> f.toFile().length() > 0).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(7);
    for (Path file : files) {
      String name = file.getFileName().toString();
      long size = name.startsWith("data") ? usedBytes() : Files.size(file);
      for (int i = 0; i < FLIPS; i++) {
        flipAndCheck(name, random.nextLong(size), random.nextInt(8));
      }
    }
    assertThat(missed).isEmpty();
    assertThat(found).isGreaterThan(FLIPS);
  }

  @Test
  void everyByteOfHeadersAndRecordsIsGuarded() throws IOException {
    for (String name : List.of("MANIFEST", "log-3", "superblock", "checkpoint-3", "data-1")) {
      for (long at = 0; at < 128; at++) {
        flipAndCheck(name, at, (int) at % 8);
      }
    }
    for (long at = LogLayout.DURABLE_OFFSET; at < LogLayout.TAIL_OFFSET; at++) {
      flipAndCheck("log-3", at, 0);
    }
    long end = Files.size(pristine.resolve("log-3"));
    for (long at = LogLayout.HEADER_PAGE; at < end; at++) {
      int before = found;
      flipAndCheck("log-3", at, (int) at % 8);
      assertThat(found).as("acknowledged record, byte %d", at).isEqualTo(before + 1);
    }
    assertThat(missed).isEmpty();
  }

  @Test
  void everyPayloadIsGuarded() throws IOException {
    long at = DataLayout.SIZE;
    for (int i = 0; i < 200; i++) { // written first to last, so one after the other
      int size = 50 + i;
      if (i % 10 == 0) {
        int before = found;
        flipAndCheck("data-1", at + size - 1, i % 8);
        assertThat(found).as("payload %d at %d", i, at).isEqualTo(before + 1);
      }
      at += DataLayout.aligned(size);
    }
    assertThat(missed).isEmpty();
  }

  private long usedBytes() {
    return DataLayout.SIZE
        + written.values().stream().mapToLong(b -> DataLayout.aligned(b.length)).sum();
  }

  private void flipAndCheck(String name, long offset, int bit) throws IOException {
    Path dir = temp.resolve("flipped");
    Store.copy(pristine, dir);
    try (FileChannel channel =
        FileChannel.open(
            dir.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ 1 << bit));
      channel.write(one.flip(), offset);
    }
    boolean reader = check(dir, name, checkpointed, true);
    boolean writer = check(dir, name, written, false);
    if (reader || writer) {
      found++;
    }
    Store.delete(dir);
  }

  /** True if the damage was named; records what came back wrong or was blamed on another file. */
  private boolean check(Path dir, String name, Map<Long, byte[]> expected, boolean readOnly) {
    boolean named = false;
    RegionContext context = RegionContext.of(manager, Store.ENGINE);
    try (OverflowRegion region =
        readOnly
            ? OverflowRegions.openReadOnly(dir, PayloadCheck.FIRST_TOUCH, context)
            : Store.open(dir, manager)) {
      for (Map.Entry<Long, byte[]> entry : expected.entrySet()) {
        try {
          if (!java.util.Arrays.equals(Store.read(region, entry.getKey()), entry.getValue())) {
            missed.add("wrong payload after damage in " + name);
          }
        } catch (DamageException e) {
          named |= blames(e, dir, name);
        }
      }
    } catch (DamageException e) {
      named |= blames(e, dir, name);
    } catch (RuntimeException e) {
      fail("damage in " + name + " was not named as such", e);
    }
    return named;
  }

  private boolean blames(DamageException e, Path dir, String name) {
    // A manifest that does not fit a checkpoint's header may blame either.
    boolean right =
        e.file().equals(dir.resolve(name).toString()) && e.getMessage().contains("offset");
    if (!right) {
      missed.add("damage in " + name + " was blamed on " + e.getMessage());
    }
    return right;
  }
}
