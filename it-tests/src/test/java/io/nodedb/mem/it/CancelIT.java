package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that stays in EMERGENCY: its worst call is ended, if that is wanted. */
class CancelIT {
  // Lending would end the emergency before anybody has to be ended for it: limits are fixed.
  @TempDir Path directory;

  private ChildJvm.Result run(String guard, String... options) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("cancel.conf"),
            """
            ceiling = 200MiB
            engines.query.limit = 64MiB
            rebalance.enabled = false
            pressure { warning = 50%%, critical = 60%%, emergency = 70%% }
            heap { sampling-interval = 16KiB, min-gc-interval = 50ms }
            %s
            rules = [ { classes = "io.nodedb.mem.it.CancelMain" } ]
            """
                .formatted(guard));
    ChildJvm.Result result =
        ChildJvm.running(CancelMain.class)
            .jvm("-XX:+UseSerialGC")
            .jvm(options)
            .agent("config=" + file)
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("again")).as(result.all()).isEqualTo("held3");
    assertThat(result.value("modest")).as(result.all()).isEqualTo("held3");
    assertThat(result.value("pressure")).as(result.all()).isEqualTo("NORMAL");
    return result;
  }

  @Test
  void callThatHoldsTheMostIsEndedOnce() throws IOException {
    ChildJvm.Result result = run("guard { cancel-worst = true, cancel-after = 500ms }");
    assertThat(result.value("hog"))
        .as(result.all())
        .startsWith("cancelled query ENGINE ")
        .contains("guard.cancel-worst");
    assertThat(result.value("rejections")).as(result.all()).isEqualTo("1");
  }

  @Test
  void nobodyIsEndedUnlessThatIsWanted() throws IOException {
    ChildJvm.Result result = run("", "-Dpatience=3000000000");
    assertThat(result.value("hog")).as(result.all()).isEqualTo("held50");
    assertThat(result.value("rejections")).as(result.all()).isEqualTo("0");
  }
}
