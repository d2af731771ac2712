package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.MemoryGovernor;
import java.io.IOException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent's start, as the operator sees it. */
class StartIT {
  /** Says whether it is governed. */
  static final class Empty {
    private Empty() {}

    public static void main(String[] args) {
      System.out.println("active=" + MemoryGovernor.get().active());
    }
  }

  @Test
  void healthyStartSaysOneLineAndNothingElse() {
    ChildJvm.Result result = ChildJvm.running(Empty.class).agent("ceiling=700MiB").run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("active")).isEqualTo("true");
    assertThat(result.err())
        .singleElement()
        .asString()
        .startsWith("nodedb-mem: ")
        .contains("ceiling 700MiB");
  }

  @Test
  void whatIsProbablyNotMeantIsSaidOnceAfterTheStart() {
    ChildJvm.Result result =
        ChildJvm.running(Empty.class).agent("ceiling=300MiB,heap-ceiling=400MiB").run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("active")).isEqualTo("true");
    assertThat(result.err()).hasSize(3).allMatch(line -> line.startsWith("nodedb-mem: "));
    assertThat(result.err().get(1)).contains("heap-ceiling", "400MiB", "ceiling", "300MiB");
    assertThat(result.err().get(2)).contains("heap-ceiling", "-Xmx", "256MiB");
  }

  @Test
  void withoutTheAgentTheApiGrantsEverything() {
    ChildJvm.Result result = ChildJvm.running(Empty.class).run();
    assertThat(result.value("active")).isEqualTo("false");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void refusedConfigurationEndsTheProcessBeforeMain() {
    ChildJvm.Result result = ChildJvm.running(Empty.class).agent("ceiling=lots").run();
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .singleElement()
        .asString()
        .contains("ceiling")
        .contains("lots")
        .contains("agent argument");
  }

  /** Somebody packs the agent into a jar of his own, and leaves out what he does not know. */
  @ParameterizedTest
  @ValueSource(strings = {"without index", "without start", "cut start"})
  void jarPackedAnewLeavesTheApplicationWithoutBudgets(String how, @TempDir Path dir)
      throws IOException {
    Path jar = Files.copy(ChildJvm.agentJar(), dir.resolve("agent.jar"));
    String name = "META-INF/nodedb-mem." + how.substring(how.indexOf(' ') + 1);
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      Path entry = inside.getPath(name);
      byte[] bytes = Files.readAllBytes(entry);
      Files.delete(entry);
      if (how.startsWith("cut")) {
        Files.write(entry, Arrays.copyOf(bytes, bytes.length / 2));
      }
    }
    // Not the tests' own class path: it has the agent's jar, from which the agent would be loaded.
    URL classes = Empty.class.getProtectionDomain().getCodeSource().getLocation();
    ChildJvm.Result result =
        ChildJvm.running(Empty.class)
            .classPath(classes.getPath() + ":" + ChildJvm.annotationsJar())
            .jvm("-javaagent:" + jar)
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("active")).isEqualTo("false");
    assertThat(result.err())
        .singleElement()
        .asString()
        .contains("runs without budgets", name, "remedy");
  }

  @Test
  void secondAgentIsRefusedAndTheFirstStays() {
    ChildJvm.Result result =
        ChildJvm.running(Empty.class)
            .agent("ceiling=700MiB")
            .jvm("-javaagent:" + ChildJvm.agentJar() + "=ceiling=700MiB")
            .run();
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).anyMatch(line -> line.contains("already"));
  }
}
