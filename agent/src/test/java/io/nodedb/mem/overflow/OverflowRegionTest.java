package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.mapped.MappingManager;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverflowRegionTest {
  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();

  @AfterEach
  void closeManager() {
    manager.close();
  }

  private Path dir() {
    return temp.resolve("region");
  }

  @Test
  void payloadsComeBackAsTheyWereWritten() {
    try (OverflowRegion region = Store.open(dir(), manager);
        Arena arena = Arena.ofConfined()) {
      byte[] bytes = Store.payload(1, 5000);
      long fromArray = region.write(bytes, "query");
      MemorySegment longs = arena.allocateFrom(ValueLayout.JAVA_LONG, 7, 8, 9);
      long fromSegment = region.write(longs, "vector");
      long fromHeapLongs = region.write(MemorySegment.ofArray(new long[] {1, 2, 3}), "vector");
      long empty = region.write(new byte[0], "query");
      assertThat(Store.read(region, fromArray)).isEqualTo(bytes);
      try (OverflowView view = region.read(fromSegment)) {
        assertThat(view.segment().mismatch(longs)).isEqualTo(-1);
        assertThat(view.segment().isReadOnly()).isTrue();
        assertThat(view.engine()).isEqualTo("vector");
        assertThat(view.slot()).isEqualTo(fromSegment);
      }
      assertThat(Store.read(region, fromHeapLongs)).hasSize(24);
      assertThat(Store.read(region, empty)).isEmpty();
      assertThat(region.slots("query").toArray()).containsExactlyInAnyOrder(fromArray, empty);
      assertThat(region.slots(null).count()).isEqualTo(4);
    }
  }

  @Test
  void misuseOfSlotsIsNamed() {
    try (OverflowRegion region = Store.open(dir(), manager);
        OverflowRegion other = Store.open(temp.resolve("other"), manager)) {
      long slot = region.write(new byte[10], "query");
      region.free(slot);
      assertThatThrownBy(() -> region.free(slot))
          .isInstanceOf(OverflowException.class).hasMessageContaining("was freed");
      assertThatThrownBy(() -> region.read(slot))
          .isInstanceOf(OverflowException.class).hasMessageContaining("was freed");
      assertThatThrownBy(() -> region.read(slot + 1))
          .isInstanceOf(OverflowException.class).hasMessageContaining("is unknown");
      long theirs = other.write(new byte[10], "query");
      if (SlotId.tag(theirs) != SlotId.tag(slot)) {
        assertThatThrownBy(() -> region.read(theirs))
            .isInstanceOf(OverflowException.class).hasMessageContaining("is not of region");
      }
      for (long wrong : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> region.free(wrong)).isInstanceOf(OverflowException.class);
      }
    }
  }

  @Test
  void closedRegionRefusesAndClosedViewRaises() {
    OverflowRegion region = Store.open(dir(), manager);
    long slot = region.write(new byte[10], "query");
    OverflowView view = region.read(slot);
    MemorySegment segment = view.segment();
    region.close();
    region.close();
    assertThat(segment.get(ValueLayout.JAVA_BYTE, 3)).isZero();
    view.close();
    view.close();
    assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 3))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(view::segment).isInstanceOf(IllegalStateException.class);
    for (Runnable use :
        List.<Runnable>of(
            () -> region.read(slot),
            () -> region.write(new byte[1], "query"),
            () -> region.free(slot),
            region::forceCheckpoint,
            () -> region.slots(null))) {
      assertThatThrownBy(use::run)
          .isInstanceOf(OverflowException.class).hasMessageContaining("is closed");
    }
  }

  @Test
  void growsByDoublingAndSaysWhenItIsFull() {
    List<Long> sizes = new ArrayList<>();
    RegionContext context =
        new RegionContext(
            manager, Store.ENGINE, System::nanoTime, java.time.InstantSource.system(),
            new RegionListener() {
              @Override
              public void grew(Path region, String engine, long from, long to) {
                sizes.add(to);
              }
            });
    try (OverflowRegion region = OverflowRegions.open(dir(), Store.small(), context)) {
      List<Long> slots = new ArrayList<>();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) {
                  slots.add(region.write(Store.payload(i, 30_000), "query"));
                }
              })
          .isInstanceOf(OverflowException.class)
          .hasMessageContaining("no room for 30000 bytes")
          .hasMessageContaining("overflow.max");
      assertThat(sizes).containsExactly(64L << 10, 128L << 10, 256L << 10, 512L << 10, 1L << 20);
      assertThat(slots).hasSize(((1 << 20) - 4096) / DataLayout.ALIGNMENT / (30_000 / 16));
      for (int i = 0; i < slots.size(); i++) {
        assertThat(Store.read(region, slots.get(i))).isEqualTo(Store.payload(i, 30_000));
      }
      assertThatThrownBy(() -> region.write(new byte[2 << 20], "query"))
          .isInstanceOf(OverflowException.class).hasMessageContaining("no room");
    }
  }

  @Test
  void spaceComesBackThroughCheckpointsWhenTheRegionIsFull() {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      for (int round = 0; round < 6; round++) {
        List<Long> slots = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
          slots.add(region.write(Store.payload(round * 100 + i, 30_000), "query"));
        }
        region.forceCheckpoint();
        for (int i = 0; i < 30; i++) {
          assertThat(Store.read(region, slots.get(i)))
              .isEqualTo(Store.payload(round * 100 + i, 30_000));
        }
        slots.forEach(region::free);
      }
      assertThat(region.statistics().fileBytes()).isLessThanOrEqualTo(1 << 20);
    }
  }

  @Test
  void openViewHoldsItsBytesAlthoughTheSlotIsFreed() {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      byte[] bytes = Store.payload(7, 400_000);
      long slot = region.write(bytes, "query");
      try (OverflowView view = region.read(slot)) {
        region.free(slot);
        for (int i = 0; i < 40; i++) {
          region.free(region.write(Store.payload(i, 300_000), "query"));
        }
        assertThat(view.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
        assertThat(region.statistics().heldBytes()).isGreaterThanOrEqualTo(400_000);
      }
      long big = region.write(new byte[900_000], "query");
      assertThat(Store.read(region, big)).hasSize(900_000);
    }
  }

  @Test
  void writerAndReadersOfOneDirectory() {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      assertThatThrownBy(() -> Store.open(dir(), manager))
          .isInstanceOf(OverflowException.class).hasMessageContaining("open for writing");
      long first = region.write(Store.payload(1, 100), "query");
      region.forceCheckpoint();
      long second = region.write(Store.payload(2, 100), "query");
      try (OverflowRegion reader = Store.openReadOnly(dir(), manager)) {
        assertThat(reader.readOnly()).isTrue();
        assertThat(Store.read(reader, first)).isEqualTo(Store.payload(1, 100));
        assertThat(reader.slots(null).toArray()).containsExactly(first);
        assertThatThrownBy(() -> Store.read(reader, second))
            .isInstanceOf(OverflowException.class);
        assertThatThrownBy(() -> reader.write(new byte[1], "query"))
            .isInstanceOf(OverflowException.class).hasMessageContaining("read-only");
        assertThatThrownBy(() -> reader.free(first)).isInstanceOf(OverflowException.class);
        assertThatThrownBy(reader::forceCheckpoint).isInstanceOf(OverflowException.class);
      }
    }
    try (OverflowRegion region = Store.open(dir(), manager)) {
      assertThat(region.statistics().liveSlots()).isEqualTo(2);
    }
  }

  @Test
  void readerKeepsItsStateHoweverTheWriterGoesOn() {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      List<Long> slots = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        slots.add(region.write(Store.payload(i, 20_000), "query"));
      }
      region.forceCheckpoint();
      try (OverflowRegion reader = Store.openReadOnly(dir(), manager)) {
        slots.forEach(region::free);
        for (int i = 0; i < 60; i++) {
          long slot = region.write(Store.payload(1000 + i, 20_000), "query");
          region.forceCheckpoint();
          region.free(slot);
        }
        for (int i = 0; i < 10; i++) {
          assertThat(Store.read(reader, slots.get(i))).isEqualTo(Store.payload(i, 20_000));
        }
      }
      long held = region.statistics().heldBytes();
      region.forceCheckpoint();
      region.write(new byte[1], "query");
      region.forceCheckpoint();
      assertThat(region.statistics().heldBytes()).isLessThan(held);
    }
  }

  @Test
  void oldFilesGoAndRetainedOnesStay() throws IOException {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      for (int i = 0; i < 10; i++) {
        region.write(new byte[100], "query");
        region.forceCheckpoint();
      }
      try (Stream<Path> files = Files.list(dir())) {
        assertThat(files.map(f -> f.getFileName().toString()))
            .containsExactlyInAnyOrder(
                "LOCK", "READERS", "superblock", "MANIFEST", "data-1", "checkpoint-10",
                "checkpoint-11", "log-10", "log-11");
      }
    }
  }

  @Test
  void filesAreTheOwnersOnly() throws IOException {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      region.write(new byte[100], "query");
      region.forceCheckpoint();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir())))
          .isEqualTo("rwx------");
      try (Stream<Path> files = Files.list(dir())) {
        for (Path file : files.toList()) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
              .as(file.toString())
              .isEqualTo("rw-------");
        }
      }
    }
  }

  @Test
  void symbolicLinksAreRefused() throws IOException {
    Path real = Files.createDirectory(temp.resolve("real"));
    Path link = Files.createSymbolicLink(temp.resolve("link"), real);
    assertThatThrownBy(() -> Store.open(link, manager))
        .isInstanceOf(OverflowException.class).hasMessageContaining("symbolic link");
    assertThatThrownBy(() -> Store.open(link.resolve("region"), manager))
        .isInstanceOf(OverflowException.class).hasMessageContaining("symbolic link");
    Store.open(dir(), manager).close();
    Path data = dir().resolve("data-1");
    Files.move(data, temp.resolve("elsewhere"));
    Files.createSymbolicLink(data, temp.resolve("elsewhere"));
    assertThatThrownBy(() -> Store.open(dir(), manager))
        .isInstanceOf(OverflowException.class).hasMessageContaining("symbolic link");
  }

  @Test
  void engineNamesHaveBounds() {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      assertThatThrownBy(() -> region.write(new byte[1], "x".repeat(41)))
          .isInstanceOf(OverflowException.class).hasMessageContaining("1 to 40");
      for (int i = 0; i < 64; i++) {
        region.write(new byte[1], "engine" + i);
      }
      assertThatThrownBy(() -> region.write(new byte[1], "one too many"))
          .isInstanceOf(OverflowException.class).hasMessageContaining("most: 64");
    }
    try (OverflowRegion region = Store.open(dir(), manager)) {
      assertThat(region.slots("engine63").count()).isEqualTo(1);
    }
  }

  @Test
  void interruptedCallerHarmsNobody() {
    try (OverflowRegion region = Store.open(dir(), manager)) {
      Thread.currentThread().interrupt();
      long slot = region.write(Store.payload(1, 100), "query");
      region.forceCheckpoint();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(Store.read(region, slot)).isEqualTo(Store.payload(1, 100));
      region.free(slot);
    }
  }
}
