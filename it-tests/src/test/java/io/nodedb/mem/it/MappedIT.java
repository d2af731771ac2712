package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mapped memory and overflow regions through the public API, in a JVM with the real agent. */
class MappedIT {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;

  private static List<RecordedEvent> named(List<RecordedEvent> all, String name) {
    return all.stream()
        .filter(e -> e.getEventType().getName().equals("io.nodedb.mem." + name))
        .toList();
  }

  @Test
  void mappingsAndRegionsAreTheEnginesAndKeepTheirSettings() throws IOException {
    Path recording = dir.resolve("recording.jfr");
    ChildJvm.Result result =
        ChildJvm.running(MappedMain.class)
            .in(dir)
            .agent(
                "ceiling=1GiB,engines.vector.limit=64MiB,engines.wal.limit=6MiB"
                    + ",engines.timeseries.limit=64MiB,mmap.release-after=1s"
                    + ",rebalance.enabled=false" // a limit is to be met, not lent past
                    + ",overflow.dir=" + dir.resolve("spilled")
                    + ",overflow.initial=1MiB,overflow.max=16MiB,overflow.durability=none")
            .environment("XTREE_MMAP_BUDGET", "32MB")
            .environment("XTREE_MMAP_WINDOW_SIZE", "4MB")
            .environment("XTREE_MMAP_HEADROOM", "0.25")
            .jvm("-XX:StartFlightRecording=settings=none,filename=" + recording)
            .run();

    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("budget")).isEqualTo("" + 32 * MIB);
    assertThat(result.value("highest")).as("full, never more").isEqualTo("" + 32 * MIB);
    assertThat(result.value("charged")).isEqualTo("true");
    assertThat(Long.parseLong(result.value("evictions"))).isPositive();
    assertThat(result.value("regionBytes")).isEqualTo("" + 4 * MIB);
    assertThat(result.value("regionMax")).isEqualTo("" + 16 * MIB);
    assertThat(result.value("read")).isEqualTo("" + 3 * MIB);
    assertThat(result.value("readerCharged")).isEqualTo("true");
    assertThat(result.value("uncommitted")).isEqualTo("unknown");
    assertThat(result.value("refused")).contains("read-only");
    assertThat(result.value("written")).as("charged for writing").isEqualTo("0");
    assertThat(result.value("writerCharged")).isEqualTo("true");
    assertThat(result.value("afterClose")).isEqualTo("0");
    assertThat(result.value("badName")).contains("../elsewhere");
    assertThat(result.value("gaveWay")).isEqualTo(4 * MIB + " 0 " + 5 * MIB);
    assertThat(result.value("piece")).isEqualTo("" + MIB);
    assertThat(result.value("denied")).isEqualTo("wal ENGINE");
    assertThat(result.value("cold")).isEqualTo("0");
    assertThat(result.value("beanBudget")).isEqualTo("" + 32 * MIB);
    assertThat(Long.parseLong(result.value("beanEvictions"))).isPositive();

    List<RecordedEvent> all = RecordingFile.readAllEvents(recording);
    assertThat(named(all, "WindowEviction"))
        .extracting(e -> e.getString("engine") + " " + e.getString("cause"))
        .contains("vector room", "wal room", "wal cold", "timeseries closed");
    assertThat(named(all, "OverflowGrowth"))
        .extracting(e -> e.getString("engine") + " " + e.getLong("to"))
        .contains("timeseries " + 4 * MIB);
    assertThat(named(all, "Checkpoint"))
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(e -> assertThat(e.getString("failure")).isNull())
        .allSatisfy(e -> assertThat(e.getDuration("took").toNanos()).isPositive());
  }

  @Test
  void withoutTheAgentTheCallsNameTheFlag() {
    ChildJvm.Result result = ChildJvm.running(MappedMain.class).in(dir).run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("mappings")).contains("-javaagent:nodedb-mem-agent.jar");
    assertThat(result.value("overflow")).contains("-javaagent:nodedb-mem-agent.jar");
    assertThat(result.value("options")).contains("durability=ASYNC");
  }
}
