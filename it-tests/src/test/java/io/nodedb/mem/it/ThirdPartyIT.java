package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Libraries and classes that know nothing of budgets, held to one by rules alone. */
@Execution(ExecutionMode.CONCURRENT)
class ThirdPartyIT {
  /**
   * A program, its engine, that engine's limit and the heap's in MiB, the rules, and what the small
   * work yields: before, and in each round.
   */
  enum Case {
    GROUP_BY_IN_H2(
        ThirdPartyPrograms.Grouping.class,
        "query", 24, 64,
        """
        { classes = "org.h2.jdbc.JdbcStatement", methods = "execute*", engine = query }
        { classes = "org.h2.**" }
        """,
        "100", "1000", "1000"),
    HNSW_BUILD_IN_LUCENE(
        ThirdPartyPrograms.Graph.class,
        "vector", 6, 24,
        """
        { classes = "org.apache.lucene.index.IndexWriter", methods = "addDocument", engine = vector }
        { classes = "org.apache.lucene.**" }
        """,
        "200", "400", "600"),
    HASH_MAP_IN_A_CALLEE_OF_A_CALLEE(
        ThirdPartyPrograms.Mapping.class,
        "query", 24, 64,
        """
        { classes = "io.nodedb.mem.it.ThirdPartyPrograms$Service", engine = query }
        """,
        "1000", "1000", "1000");

    private final Class<?> program;
    private final String engine;
    private final int limit;
    private final int heap;
    private final String rules;
    private final String[] small;

    Case(
        Class<?> program, String engine, int limit, int heap, String rules, String... small) {
      this.program = program;
      this.engine = engine;
      this.limit = limit;
      this.heap = heap;
      this.rules = rules;
      this.small = small;
    }

    String configuration() {
      return """
          ceiling = 200MiB
          heap-ceiling = 85%%
          engines.%s.limit = %dMiB
          heap.min-gc-interval = 100ms
          rules = [ %s ]
          """
          .formatted(engine, limit, rules);
    }

    ChildJvm child() {
      return ChildJvm.running(program).jvm("-Xmx" + heap + "m", "-XX:+UseSerialGC");
    }
  }

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void refusedInsideAndUsableAfterwards(Case given) throws IOException {
    Path file = Files.writeString(directory.resolve("rules.conf"), given.configuration());
    ChildJvm.Result result = given.child().agent("config=" + file).run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);
    assertThat(result.value("before")).isEqualTo(given.small[0]);
    for (int round = 0; round < 2; round++) {
      assertThat(result.value("huge" + round)).as(result.all()).isEqualTo("refused");
      assertThat(result.value("cause" + round))
          .as(result.all())
          .isEqualTo(given.engine + " ENGINE");
      assertThat(result.value("inside" + round)).as(result.all()).isEqualTo("true");
      assertThat(result.value("small" + round))
          .as(result.all())
          .isEqualTo(given.small[round + 1]);
    }
    assertThat(Long.parseLong(result.value("rejections"))).as(result.all()).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void withoutTheAgentTheSameDiesOfOutOfMemory(Case given) {
    ChildJvm.Result result = given.child().run();
    assertThat(result.all()).contains("OutOfMemoryError").doesNotContain("huge0=");
    assertThat(result.exit()).as(result.all()).isNotZero();
    assertThat(result.value("before")).isEqualTo(given.small[0]);
  }
}
