package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine stores is whole, however often it is refused: a part is never left behind. */
class FloodIT {
  @TempDir Path directory;

  @Test
  void refusedBatchLeavesNothingBehind() throws Exception {
    Path rules =
        Files.writeString(
            directory.resolve("rules.conf"),
            """
            ceiling = 400MiB
            engines.timeseries.limit = 64MiB
            rebalance.enabled = false
            heap.min-gc-interval = 20ms
            rules = [ { classes = "io.nodedb.mem.sample.**" } ]
            """);
    ChildJvm.Result result =
        ChildJvm.running(FloodMain.class, directory.toString())
            .agent("config=" + rules)
            .jvm("--enable-native-access=ALL-UNNAMED")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(Integer.parseInt(result.value("refused"))).isGreaterThanOrEqualTo(40);
    assertThat(result.value("lost")).isEqualTo("0");
    assertThat(result.value("verified")).contains("points read back");
  }
}
