package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An engine of 32 MiB in a heap of 256 MiB: stopped in the library, usable afterwards. */
@Execution(ExecutionMode.CONCURRENT)
class RefusalIT {
  private static final int LIMIT = 32;

  @TempDir Path directory;

  private ChildJvm.Result run(String program, String engine) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("refusal.conf"),
            """
            ceiling = 200MiB
            engines.query { limit = %dMiB, %s }
            heap.min-gc-interval = 50ms
            rules = [ { classes = "io.nodedb.mem.it.RefusalPrograms$Library" } ]
            """
                .formatted(LIMIT, engine));
    ChildJvm.Result result =
        ChildJvm.running(RefusalPrograms.class, program)
            .jvm("-XX:+UseSerialGC")
            .agent("config=" + file)
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);
    return result;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smallObjects", "smallArrays", "largeArrays", "oneHugeArray", "manyDimensions", "copies",
        "growing", "hashMap", "arrayList", "stringBuilder"
      })
  void retainedMemoryIsRefusedAndTheEngineGoesOn(String program) throws IOException {
    ChildJvm.Result result = run(program, "mode = reject");
    for (int round = 0; round < 2; round++) {
      assertThat(result.value("refused" + round)).as(result.all()).isEqualTo("query ENGINE");
      assertThat(result.value("message" + round)).contains("engines.query.limit");
    }
    assertThat(result.value("again")).isEqualTo("ok");
    assertThat(Long.parseLong(result.value("rejections"))).as(result.all()).isEqualTo(2);
  }

  @Test
  void nothingIsRefusedInsideAClassInitializer() throws IOException {
    ChildJvm.Result result = run("classInitializer", "mode = reject");
    assertThat(result.value("pieces")).as(result.all()).isEqualTo("80");
    assertThat(result.value("after")).as(result.all()).isEqualTo("refused");
    assertThat(result.value("piecesAgain")).as(result.all()).isEqualTo("0");
  }

  @Test
  void refusedCallHasABoundedGraceToUnwind() throws IOException {
    ChildJvm.Result result = run("grace", "mode = reject");
    assertThat(result.value("closed")).as(result.all()).isEqualTo("256");
    assertThat(result.value("refused")).isEqualTo("ENGINE");
    assertThat(result.value("refusedAgain")).as(result.all()).isEqualTo("ENGINE");
    assertThat(Long.parseLong(result.value("moreKiB"))).as(result.all()).isBetween(256L, 2048L);
  }

  @Test
  void observingOnlyRecords() throws IOException {
    ChildJvm.Result result = run("observe", "mode = observe");
    assertThat(result.value("pieces")).as(result.all()).isEqualTo("128");
    assertThat(result.value("rejections")).isEqualTo("0");
    // An estimate takes what collections free from who allocated last.
    assertThat(Long.parseLong(result.value("used")))
        .as(result.all())
        .isGreaterThan(result.sampled() ? LIMIT - 4 : LIMIT / 2);
    assertThat(result.value("mode")).isEqualTo("OBSERVE");
  }

  @Test
  void waitingThreadGoesOnWhenAnotherLetsGo() throws IOException {
    ChildJvm.Result result = run("wait", "mode = wait, wait-timeout = 2m");
    // An estimate is behind by a tick: all 16 pieces may be there before it meets the limit.
    assertThat(Integer.parseInt(result.value("waitedWith")))
        .as(result.all())
        .isLessThan(result.sampled() ? 8 : 17);
    assertThat(result.value("result")).as(result.all()).isEqualTo("done");
    assertThat(result.value("pieces")).isEqualTo("16");
    assertThat(result.value("rejections")).isEqualTo("0");
  }

  @Test
  void oneCallHasABudgetOfItsOwn() throws IOException {
    ChildJvm.Result result = run("perCall", "mode = reject");
    for (int round = 0; round < 2; round++) {
      assertThat(result.value("call" + round)).as(result.all()).isEqualTo("PER_CALL 8");
      // An estimate learns from ticks how fast calls are, so the first gets further; and a collection
      // meanwhile is believed to have freed some of what the call holds.
      assertThat(Integer.parseInt(result.value("held" + round)))
          .as(result.all())
          .isBetween(4, result.sampled() ? 12 : round > 0 ? 32 : 200);
    }
    assertThat(result.value("within")).isEqualTo("ok");
  }

  @Test
  void oneCallThatOnlyMakesLargeArraysHasItToo() throws IOException {
    ChildJvm.Result result = run("perCallAtGates", "mode = reject");
    assertThat(result.value("call")).as(result.all()).isEqualTo("PER_CALL 8");
    // Gates charge the engine for each array at once, the call for what is known of it by then.
    assertThat(Integer.parseInt(result.value("held"))).as(result.all()).isBetween(4, 32);
  }

  @Test
  void garbageIsNeverRefused() throws IOException {
    ChildJvm.Result result = run("garbage", "mode = reject");
    assertThat(result.value("rejections")).as(result.all()).isEqualTo("0");
    assertThat(Long.parseLong(result.value("allocated"))).as(result.all()).isBetween(320L, 340L);
  }
}
