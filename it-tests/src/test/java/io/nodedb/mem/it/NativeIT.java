package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native memory of matched classes and of a JNI library, in a JVM with the real agent. */
class NativeIT {
  private static final String OPERATIONS = "nodedb.mem.it.nativeOperations";

  @Test
  void droppedBuffersAndArenasLeaveTheLedgerAtZero() {
    ChildJvm.Result result =
        ChildJvm.running(DropsMain.class, System.getProperty(OPERATIONS, "100000"))
            // What is too much here is what the limit has no room for, whatever others leave idle.
            .agent("ceiling=2GiB,engines.vector.limit=256MiB,rebalance.enabled=false")
            .jvm("--enable-native-access=ALL-UNNAMED")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(Long.parseLong(result.value("highest"))).as("was charged").isPositive();
    assertThat(result.value("refusedBefore")).isEqualTo("1000");
    assertThat(result.value("refusedAfter")).isEqualTo("1000");
    assertThat(result.value("refusals")).isEqualTo("4");
    assertThat(result.value("left")).isEqualTo("0");
    assertThat(result.value("mappedLeft")).isEqualTo("0");
    assertThat(result.value("overReleases")).isEqualTo("0");
  }

  @Test
  void nativeRequestsFollowTheRulesOfTheirScope(@TempDir Path dir) throws IOException {
    Path conf =
        Files.writeString(
            dir.resolve("scopes.conf"),
            """
            ceiling = 1GiB
            engines { vector { limit = 32MiB, wait-timeout = 60s } }
            heap { grace = 1MiB }
            rules = [
              { classes = "io.nodedb.mem.it.NativeScopesMain$Ruled", engine = vector, pin-arena = true }
              { classes = "io.nodedb.mem.it.NativeScopesMain$Initialized" }
            ]
            """);
    ChildJvm.Result result =
        ChildJvm.running(NativeScopesMain.class).agent("config=" + conf).run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("ruled"))
        .as("pinned by a rule: %s", result.all())
        .isNotEqualTo(result.value("outside"));
    assertThat(result.value("after")).isEqualTo(result.value("outside"));
    assertThat(result.value("observed")).isEqualTo(String.valueOf(40 << 20));
    // A MiB of grace serves 16 blocks of 64 KiB, less what the thread allocates on the heap.
    assertThat(Integer.parseInt(result.value("served"))).as(result.all()).isBetween(8, 17);
    assertThat(result.value("waited")).isEqualTo(String.valueOf(1 << 20));
    assertThat(result.value("left")).isEqualTo("0");
    assertThat(result.value("initialized")).isEqualTo(String.valueOf(40 << 20));
  }

  @Test
  void criticalPressureGivesTheEnginesFreePagesBack() {
    ChildJvm.Result result =
        ChildJvm.running(PressurePurgeMain.class)
            .agent(
                "ceiling=2GiB,engines.vector.limit=100MiB,engines.query.limit=100MiB,"
                    + "rebalance.enabled=false")
            .jvm("--enable-native-access=ALL-UNNAMED")
            .environment("LD_PRELOAD", preloaded())
            // Nothing goes back by itself.
            .environment("MALLOC_CONF", "dirty_decay_ms:-1,muzzy_decay_ms:-1")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(Long.parseLong(result.value("vector"))).as(result.all()).isGreaterThan(8 << 20);
    assertThat(Long.parseLong(result.value("query"))).as(result.all()).isGreaterThan(8 << 20);
    assertThat(result.value("vectorLevel")).isEqualTo("CRITICAL");
    assertThat(result.value("vectorAfter")).as(result.all()).isEqualTo("0");
    assertThat(result.value("queryLevel")).isEqualTo("WARNING");
    assertThat(result.value("queryAfter")).as(result.all()).isEqualTo(result.value("query"));
  }

  @Test
  void jniLibrarysMemoryIsItsEngines() {
    ChildJvm.Result result =
        ChildJvm.running(AutomergeMain.class)
            .agent("ceiling=2GiB,engines.crdt.limit=600MiB")
            .jvm("--enable-native-access=ALL-UNNAMED")
            .environment("LD_PRELOAD", preloaded())
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).anyMatch(line -> line.contains("jemalloc preloaded"));
    long grown = Long.parseLong(result.value("grown"));
    long own = Long.parseLong(result.value("jemalloc"));
    assertThat(result.value("allocator")).contains("preloaded: ", "statistics");
    assertThat(Long.parseLong(result.value("external"))).isBetween(grown * 95 / 100, grown * 3 / 2);
    assertThat(result.value("arenaIsShown")).isEqualTo("true");
    assertThat(grown)
        .as(result.all())
        .isGreaterThan(100L << 20)
        .isBetween(own * 95 / 100, own * 105 / 100);
    assertThat(Long.parseLong(result.value("left"))).as(result.all()).isLessThan(grown / 50);
    assertThat(result.value("refused")).contains("crdt");
    assertThat(result.value("afterRefusal")).isEqualTo("entered");
  }

  private static String preloaded() {
    Optional<String> jemalloc = SystemJemalloc.find();
    if (jemalloc.isEmpty()) {
      System.err.println("SKIPPED: jemalloc's statistics need libjemalloc2 to be installed");
    }
    assumeTrue(jemalloc.isPresent(), "libjemalloc.so.2 is not installed");
    return jemalloc.orElseThrow();
  }
}
