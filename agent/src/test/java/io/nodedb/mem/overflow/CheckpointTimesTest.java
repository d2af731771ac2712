package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When checkpoints are made, and when groups are committed. */
@Timeout(60)
class CheckpointTimesTest {
  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();
  private final AtomicLong nanos = new AtomicLong();
  private final LinkedBlockingQueue<Long> made = new LinkedBlockingQueue<>();

  @AfterEach
  void closeManager() {
    manager.close();
  }

  private WritableRegion open(OverflowOptions options) {
    RegionListener listener =
        new RegionListener() {
          @Override
          public void checkpointed(
              Path region, long sequence, long slots, long took, Exception failure) {
            made.add(failure == null ? sequence : -1);
          }
        };
    return (WritableRegion)
        OverflowRegions.open(
            temp.resolve("region"), options,
            new RegionContext(manager, Store.ENGINE, nanos::get, InstantSource.system(), listener));
  }

  @Test
  void ageAsksForOneOnlyIfAnythingChanged() throws Exception {
    // Writes that wait for nobody, so that they can be made while no checkpoint can begin.
    OverflowOptions options =
        Store.small()
            .withDurability(Durability.ASYNC)
            .withCheckpoints(1 << 30, Duration.ofSeconds(60), 2);
    try (WritableRegion region = open(options)) {
      nanos.addAndGet(Duration.ofSeconds(61).toNanos());
      assertThat(region.checkpointer().due()).isFalse();
      region
          .checkpointer()
          .still(
              () -> {
                region.write(new byte[10], "query");
                assertThat(region.checkpointer().due()).isTrue();
              });
      region.checkpointer().poke();
      assertThat(made.poll(50, TimeUnit.SECONDS)).isEqualTo(2);
      region.forceCheckpoint(); // the listener is told before the clock is looked at
      region.write(new byte[10], "query");
      nanos.addAndGet(Duration.ofSeconds(59).toNanos());
      assertThat(region.checkpointer().due()).isFalse();
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      assertThat(region.checkpointer().due()).isTrue();
    }
  }

  @Test
  void bytesOfACheckpointThatIsBeingMadeAreNotUsedAgain() throws Exception {
    RegionFiles files = new RegionFiles(temp.resolve("region"));
    Store.open(files.directory, manager).close();
    RegionHead head = RegionHead.read(files);
    try (ReaderLeases leases = ReaderLeases.forWriter(files)) {
      CheckpointStore store =
          new CheckpointStore(files, manager, leases, 1, head.superblock(), head.manifest());
      Quarantine.Held held = new Quarantine.Held(0, 4096, 16, 1, 2, 3); // only in checkpoint 2
      assertThat(held.reusable(1, store.retained())).isTrue();
      store.beginning(2);
      assertThat(held.reusable(1, store.retained())).isFalse();
    }
  }

  @Test
  void longLogAsksForOne() throws Exception {
    OverflowOptions options =
        Store.small()
            .withDurability(Durability.ASYNC)
            .withCheckpoints(4096, Duration.ofDays(1), 2);
    try (WritableRegion region = open(options)) {
      for (int i = 0; i < 70; i++) {
        region.write(new byte[10], "query");
      }
      assertThat(made.poll(50, TimeUnit.SECONDS)).isEqualTo(2);
    }
  }

  @Test
  void asyncLosesAtMostWhatCameAfterTheLastGroup() throws Exception {
    OverflowOptions options =
        Store.small().withDurability(Durability.ASYNC).withCommitWindow(Duration.ofDays(1));
    try (WritableRegion region = open(options)) {
      for (int i = 0; i < 5; i++) {
        region.write(Store.payload(i, 500), "query");
      }
      assertThat(afterACrash("none")).isZero();
      region.committer().group(); // what the end of the window does
      for (int i = 0; i < 5; i++) {
        region.write(Store.payload(i, 500), "query");
      }
      assertThat(afterACrash("group")).isEqualTo(5);
    }
  }

  @Test
  void noRecordIsWrittenAheadOfItsPayload() throws Exception {
    OverflowOptions options =
        Store.small().withDurability(Durability.NONE).withCommitWindow(Duration.ofDays(1));
    try (WritableRegion region = open(options)) {
      for (int i = 0; i < 5; i++) {
        region.write(Store.payload(i, 500), "query");
      }
      assertThat(afterACrash("none")).isZero();
      region.committer().group();
      assertThat(afterACrash("group")).isEqualTo(5);
    }
  }

  @Test
  void endOfTheWindowCommitsWithoutAnybodyAsking() {
    OverflowOptions options =
        Store.small().withDurability(Durability.ASYNC).withCommitWindow(Duration.ofMillis(1));
    try (WritableRegion region = open(options)) {
      region.write(Store.payload(1, 500), "query");
      while (region.committer().durableLsn() < 2) {
        Thread.onSpinWait();
      }
    }
  }

  private long afterACrash(String name) throws Exception {
    Path copy = temp.resolve(name);
    Store.copy(temp.resolve("region"), copy);
    try (OverflowRegion region = Store.open(copy, manager)) {
      region.slots(null).forEach(slot -> assertThat(Store.read(region, slot)).hasSize(500));
      return region.statistics().liveSlots();
    }
  }
}
