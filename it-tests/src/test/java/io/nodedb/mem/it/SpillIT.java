package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.blocks.Merge;
import io.nodedb.mem.blocks.SpillStore;
import io.nodedb.mem.blocks.SpillableAggregation;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A GROUP BY that needs several times its engine's budget, in a JVM with the agent. */
class SpillIT {
  private static final int KEYS = 600_000;

  @TempDir Path directory;

  /** Groups by distinct keys; checks every group; records what the agent tells. */
  static final class Grouper {
    private Grouper() {}

    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      MemoryGovernor governor = MemoryGovernor.get();
      try (Recording recording = new Recording()) {
        recording.start();
        governor.registerSpillable(
            Engines.QUERY,
            (wanted, context) -> {
              throw new IllegalStateException("no disk");
            },
            -1);
        if (args[1].equals("file")) {
          try (SpillStore store = SpillStore.inFile(directory)) {
            group(store);
          }
        } else {
          OverflowOptions options =
              OverflowOptions.defaults()
                  .withSize(1 << 20, 1L << 30)
                  .withDurability(Durability.NONE);
          try (OverflowRegion region =
                  governor.openOverflow(args[1], directory.resolve("region"), options);
              SpillStore store = SpillStore.in(region, Engines.QUERY)) {
            group(store);
          }
        }
        recording.dump(directory.resolve("recording.jfr"));
      }
      EngineSnapshot query = governor.snapshot(Engines.QUERY);
      System.out.println("peak=" + query.peak());
      System.out.println("limit=" + query.limit());
      System.out.println("overrun=" + query.overrun());
      System.out.println("native=" + query.nativeBytes());
      System.out.println("spills=" + query.spills());
      System.out.println("spilledBytes=" + query.spilledBytes());
    }

    private static void group(SpillStore store) {
      boolean[] seen = new boolean[KEYS];
      try (SpillableAggregation groups =
          new SpillableAggregation(Engines.QUERY, store, Merge.SUM, Merge.SUM)) {
        long[] values = {0, 1};
        for (int round = 0; round < 2; round++) {
          for (int key = 0; key < KEYS; key++) {
            values[0] = key % 7;
            groups.add(key, values);
          }
        }
        groups.forEach(
            group -> {
              int key = (int) group.longKey();
              if (seen[key] || group.value(0) != 2 * (key % 7) || group.value(1) != 2) {
                throw new AssertionError("group " + key);
              }
              seen[key] = true;
            });
      }
      int count = 0;
      for (boolean each : seen) {
        count += each ? 1 : 0;
      }
      System.out.println("groups=" + count);
    }
  }

  private void run(String where) throws Exception {
    ChildJvm.Result result =
        ChildJvm.running(Grouper.class, directory.toString(), where)
            // The fixed limit is what the peak is compared with.
            .agent(
                "ceiling=128MiB,engines.query.limit=8MiB,rebalance.enabled=false,"
                    + "mmap.window-size=256KiB")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("groups")).isEqualTo(Integer.toString(KEYS));
    assertThat(Long.parseLong(result.value("peak")))
        .isLessThanOrEqualTo(Long.parseLong(result.value("limit")));
    assertThat(Long.parseLong(result.value("spilledBytes"))).isGreaterThan(8 << 20);
    assertThat(result.value("overrun")).isEqualTo("0");
    assertThat(result.value("native")).isEqualTo("0");
    List<RecordedEvent> spills =
        RecordingFile.readAllEvents(directory.resolve("recording.jfr")).stream()
            .filter(e -> e.getEventType().getName().equals("io.nodedb.mem.Spill"))
            .toList();
    assertThat(spills)
        .anySatisfy(
            e -> {
              assertThat(e.getString("failure")).contains("no disk");
              assertThat(e.getString("handler")).startsWith(Grouper.class.getName());
            })
        .anySatisfy(
            e -> {
              assertThat(e.getString("failure")).isNull();
              assertThat(e.getString("engine")).isEqualTo(Engines.QUERY);
              assertThat(e.getLong("freed")).isPositive();
              assertThat(e.getDuration()).isPositive();
            });
  }

  @Test
  void groupByCompletesInAFractionOfItsNeedByWayOfAFile() throws Exception {
    run("file");
  }

  @Test
  void groupByCompletesInAFractionOfItsNeedByWayOfAnOverflowRegion() throws Exception {
    run(Engines.WAL);
  }

  /** The engine that is full pays for the windows through which it reads what it has spilled. */
  @Test
  void groupByCompletesInAFractionOfItsNeedByWayOfARegionOfItsOwn() throws Exception {
    run(Engines.QUERY);
  }
}
