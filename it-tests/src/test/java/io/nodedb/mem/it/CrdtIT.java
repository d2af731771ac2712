package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/**
 * The sample's engine of Automerge documents (JNI, Rust) with jemalloc preloaded: its native ledger
 * beside what jemalloc itself says its arenas hold.
 */
class CrdtIT {
  /** Below, five percent are no more than a few pages. */
  private static final long WORTH_COMPARING = 10_000_000;

  /** The limit is what it says, whatever others leave idle. */
  private static final String LIMIT = "engines.crdt.limit=400MiB,rebalance.enabled=false";

  @Test
  void ledgerOfTheSamplesEngineIsWhatJemallocSays() {
    // As ./demo runs it, but for the limit.
    Path configuration = ChildJvm.ROOT.resolve("sample-app/nodedb-mem.conf").toAbsolutePath();
    ChildJvm.Result result = run("grow", "config=" + configuration + "," + LIMIT);
    List<long[]> steps =
        result.out().stream()
            .filter(line -> line.startsWith("step="))
            .map(line -> figures(line.substring("step=".length())))
            .filter(step -> step[1] > WORTH_COMPARING)
            .toList();
    assertThat(steps).as(result.all()).hasSizeGreaterThan(3);
    for (long[] step : steps) {
      assertThat(step[0]).as(result.all()).isCloseTo(step[1], Percentage.withPercentage(5));
    }
    long[] grown = figures(result.value("grown"));
    assertThat(grown[0]).as(result.all()).isGreaterThan(100_000_000);
    assertThat(result.value("verified")).contains("replicas equal");
    long[] left = figures(result.value("left"));
    assertThat(Math.abs(left[0])).as(result.all()).isLessThan(grown[0] / 50);
    assertThat(Math.abs(left[1])).as(result.all()).isLessThan(grown[1] / 50);
  }

  @Test
  void samplesEngineOverItsNativeLimitIsRefusedAtItsNextScope() {
    // Without the demo's rules: no code below the scope asks in between.
    ChildJvm.Result result = run("overrun", "ceiling=2GiB," + LIMIT);
    assertThat(Long.parseLong(result.value("over"))).as(result.all()).isPositive();
    assertThat(result.value("refused")).contains("engine 'crdt'", "engines.crdt.limit");
    assertThat(Long.parseLong(result.value("rejections"))).as(result.all()).isPositive();
    assertThat(Long.parseLong(result.value("afterwards"))).as(result.all()).isPositive();
    assertThat(result.value("verified")).contains("replicas equal");
    assertThat(Math.abs(figures(result.value("left"))[0])).as(result.all()).isLessThan(8_000_000);
  }

  private static ChildJvm.Result run(String what, String agent) {
    Optional<String> jemalloc = SystemJemalloc.find();
    if (jemalloc.isEmpty()) {
      System.err.println("SKIPPED: attribution of JNI memory needs libjemalloc2 to be installed");
    }
    assumeTrue(jemalloc.isPresent(), "libjemalloc.so.2 is not installed");
    ChildJvm.Result result =
        ChildJvm.running(CrdtMain.class, what)
            .agent(agent)
            .jvm("--enable-native-access=ALL-UNNAMED")
            .environment("LD_PRELOAD", jemalloc.get())
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    return result;
  }

  private static long[] figures(String pair) {
    return Arrays.stream(pair.split(",")).mapToLong(Long::parseLong).toArray();
  }
}
