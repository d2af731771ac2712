package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One line and nothing else, whatever the JVM; and the JVM's own start-up is not spoilt. */
@Execution(ExecutionMode.CONCURRENT)
class QuietIT {
  private static final String PROBE =
      """
      package probe;

      import io.nodedb.mem.EngineBudget;
      import io.nodedb.mem.MemoryGovernor;
      import java.util.ArrayList;
      import java.util.List;

      public class Probe {
        static volatile Object sink;

        @EngineBudget("query")
        static void work() {
          List<Object> all = new ArrayList<>();
          for (int i = 0; i < 4096; i++) {
            all.add(new byte[1024]);
          }
          sink = all;
        }

        public static void main(String[] args) {
          sink = new Plain();
          work();
          System.gc();
          MemoryGovernor governor = MemoryGovernor.get();
          System.out.println("active=" + governor.active());
          if (governor.active()) {
            System.out.println("allocated=" + (governor.snapshot("query").allocated() >> 20));
            System.out.println("heap=" + (governor.snapshot("query").heap() >> 20));
          }
        }
      }

      class Plain {}
      """;

  @TempDir Path directory;

  private Path jar() throws IOException {
    Path classes =
        new Sources(directory.resolve("src"))
            .add("probe/Probe.java", PROBE)
            .compile(directory.resolve("classes"), false);
    Path jar = directory.resolve("probe.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (String name : List.of("probe/Probe.class", "probe/Plain.class")) {
        out.putNextEntry(new JarEntry(name));
        out.write(Files.readAllBytes(classes.resolve(name)));
        out.closeEntry();
      }
    }
    return jar;
  }

  private ChildJvm probe(Path jar) {
    return ChildJvm.with("probe.Probe").classPath(jar + ":" + ChildJvm.annotationsJar());
  }

  private static void assertHealthy(ChildJvm.Result result) {
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).singleElement().asString().startsWith("nodedb-mem: ");
    assertThat(result.value("active")).isEqualTo("true");
    assertThat(result.value("allocated")).as(result.all()).isEqualTo("4");
    // 4 MiB are held. An estimate takes its share of what a collection has freed.
    boolean sampled = result.err().get(0).contains("accounting sampled");
    int heap = Integer.parseInt(result.value("heap"));
    // An estimate may take all of it for what the collection in the child has freed.
    assertThat(heap).as(result.all()).isBetween(sampled ? 2 : 0, 7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-XX:+UseG1GC",
        "-XX:+UseZGC",
        "-XX:+UseSerialGC",
        "-XX:+UseParallelGC",
        "-XX:+UseG1GC -XX:+UseCompactObjectHeaders",
        "-XX:-UseCompressedOops",
        "-Xint",
        "-Xshare:off",
        "-Djava.security.manager=disallow -ea -esa",
        // Neither a compiler nor anything else beyond what the agent says it needs.
        "--limit-modules java.base,java.instrument,java.logging,java.management,jdk.jfr,"
            + "jdk.management"
      })
  void healthyStartSaysOneLine(String options) throws IOException {
    ChildJvm child = probe(jar()).agent("ceiling=70MiB");
    Stream.of(options.split(" ")).forEach(child::jvm);
    assertHealthy(child.run());
  }

  @Test
  void classDataSharingStaysOnForTheJdkAndForTheApplication() throws IOException {
    Path jar = jar();
    Path archive = directory.resolve("app.jsa");
    ChildJvm.Result dump =
        probe(jar).jvm("-XX:ArchiveClassesAtExit=" + archive, "-Xlog:disable").run();
    assertThat(dump.exit()).as(dump.all()).isZero();
    Path log = directory.resolve("load.log");
    ChildJvm.Result result =
        probe(jar)
            .agent("ceiling=70MiB")
            .jvm("-XX:SharedArchiveFile=" + archive, "-Xlog:class+load:file=" + log)
            .run();
    assertHealthy(result);
    List<String> loaded = Files.readAllLines(log);
    assertThat(loaded)
        .filteredOn(l -> l.contains(" java.lang.String source:"))
        .singleElement()
        .asString()
        .contains("shared objects file");
    assertThat(loaded.stream().filter(l -> l.contains("shared objects file")).count())
        .isGreaterThan(400);
    assertThat(loaded)
        .filteredOn(l -> l.contains(" probe.Plain source:"))
        .singleElement()
        .asString()
        .contains("shared objects file (top)");
  }
}
