package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's query storm, governed and not, at the same heap. */
class DemoIT {
  private static final String PREFIX = "io.nodedb.mem.";

  /** Enough for each scenario; in a query storm one to four refusals, now and then none inside H2. */
  private static final int SECONDS = 10;

  @TempDir Path out;

  @Test
  void governedStormIsRefusedInsideH2AndEverythingElseGoesOn() throws IOException {
    ChildJvm.Result result =
        demo("query-storm", 2 * SECONDS, "--out", out.toString())
            .jvm(
                "-XX:StartFlightRecording=settings=default,filename=" + out.resolve("r.jfr"),
                "-Xlog:jfr+startup=error")
            .agent("config=" + ChildJvm.ROOT.resolve("sample-app/nodedb-mem.conf"))
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.out()).last().isEqualTo("RESULT: PASS");
    assertThat(Files.readString(out.resolve("summary.json")))
        .contains("\"enginesWithinLimit\" : true", "\"rssWithinCeiling\" : true");
    boolean sampled = result.err().get(0).contains("accounting sampled");
    recordingExplainsIt(out.resolve("r.jfr"), sampled);
    assertThat(summaryOf(out.resolve("r.jfr")))
        .contains(
            PREFIX + "PressureTransition",
            PREFIX + "BudgetBreach",
            PREFIX + "EngineUsage",
            PREFIX + "Resident");
  }

  /** By the script, as users run it. The JVM ends at the first error, before any library aborts. */
  @Test
  void ungovernedStormDiesOfOutOfMemoryError(@TempDir Path tree) throws Exception {
    linkBuilt(tree);
    Path log = tree.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(
                "bash", tree.resolve("demo").toString(),
                "--scenario", "query-storm", "--seconds", "10",
                "--out", out.toString(), "--ungoverned")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    List<String> lines = Files.readAllLines(log);
    assertThat(ended).as(String.join("\n", lines)).isTrue();
    assertThat(process.exitValue()).as(String.join("\n", lines)).isEqualTo(3);
    assertThat(lines)
        .anyMatch(l -> l.contains("Terminating due to java.lang.OutOfMemoryError"))
        .last()
        .isEqualTo("RESULT: FAIL: OutOfMemoryError");
  }

  /** A tree with the script in which nothing is to be built. */
  private static void linkBuilt(Path tree) throws IOException {
    Files.copy(ChildJvm.ROOT.resolve("demo"), tree.resolve("demo"));
    Path app = Path.of("sample-app", "target");
    for (Path each : List.of(Path.of("agent", "target"), app)) {
      Files.createDirectories(tree.resolve(each));
    }
    for (String file : List.of("pom.xml", "annotations", "blocks", "agent/pom.xml")) {
      Files.createFile(tree.resolve(file));
    }
    for (Path each :
        List.of(
            ChildJvm.ROOT.relativize(ChildJvm.agentJar()),
            app.resolve("nodedb-mem-sample-app.jar"),
            app.resolve("lib"))) {
      Files.createSymbolicLink(
          tree.resolve(each), ChildJvm.ROOT.resolve(each).toAbsolutePath());
    }
    Path built = Files.createFile(tree.resolve(app).resolve("demo-built"));
    Files.setLastModifiedTime(
        built, FileTime.fromMillis(Files.getLastModifiedTime(built).toMillis() + 60_000));
  }

  @Test
  void mixedWorkPassesWithJemallocPreloadedAndColdDocumentsSaved() throws IOException {
    ChildJvm.Result result =
        demo("mixed", SECONDS, "--out", out.toString())
            .environment("LD_PRELOAD", jemalloc())
            .agent(
                "config=" + ChildJvm.ROOT.resolve("sample-app/nodedb-mem.conf")
                    + ",engines.crdt.limit=32MiB")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).anyMatch(line -> line.contains("jemalloc preloaded"));
    assertThat(result.out())
        .anyMatch(l -> l.startsWith("verified crdt") && l.contains("a cold document was saved"))
        .last()
        .isEqualTo("RESULT: PASS");
  }

  @Test
  void floodOfDocumentsIsSavedWithinTheBudget() throws IOException {
    ChildJvm.Result result =
        demo("native-flood", SECONDS, "--out", out.toString())
            .environment("LD_PRELOAD", jemalloc())
            .agent("config=" + ChildJvm.ROOT.resolve("sample-app/nodedb-mem.conf"))
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(Files.readString(out.resolve("summary.json")))
        .contains("\"enginesWithinLimit\" : true", "\"rssWithinCeiling\" : true");
    assertThat(result.out())
        .anyMatch(l -> l.matches("verified crdt .* [1-9][0-9]* of a flood of [0-9]+ documents saved.*"))
        .last()
        .isEqualTo("RESULT: PASS");
  }

  private static String jemalloc() {
    Optional<String> jemalloc = SystemJemalloc.find();
    if (jemalloc.isEmpty()) {
      System.err.println("SKIPPED: documents in a known arena need libjemalloc2 to be installed");
    }
    assumeTrue(jemalloc.isPresent(), "libjemalloc.so.2 is not installed");
    return jemalloc.get();
  }

  private static ChildJvm demo(String scenario, int seconds, String... more) {
    Path jar = ChildJvm.ROOT.resolve("sample-app/target/nodedb-mem-sample-app.jar");
    List<String> words =
        Stream.concat(
                Stream.of(
                    "-jar", jar.toString(), "--scenario", scenario, "--seconds", String.valueOf(seconds)),
                Stream.of(more))
            .toList();
    return ChildJvm.with(words.toArray(String[]::new))
        .classPath("")
        .jvm(
            "-Xmx1g",
            "-XX:+UseG1GC",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-XX:MaxTenuringThreshold=1",
            "--enable-native-access=ALL-UNNAMED");
  }

  private static void recordingExplainsIt(Path recording, boolean sampled) throws IOException {
    List<RecordedEvent> events = RecordingFile.readAllEvents(recording);
    Map<String, List<RecordedEvent>> byName =
        events.stream().collect(Collectors.groupingBy(e -> e.getEventType().getName()));
    assertThat(byName)
        .containsKeys(
            PREFIX + "PressureTransition",
            PREFIX + "BudgetBreach",
            PREFIX + "EngineUsage",
            PREFIX + "Resident",
            PREFIX + "GcAssist");
    // Without the native sampler there are no samples to tell of.
    assertThat(byName.containsKey(PREFIX + "AllocationSample")).isEqualTo(sampled);
    List<RecordedEvent> refused =
        byName.get(PREFIX + "BudgetBreach").stream()
            .filter(e -> e.getString("outcome").equals("REJECTED"))
            .toList();
    assertThat(refused).isNotEmpty();
    int insideH2 = 0;
    for (RecordedEvent each : refused) {
      assertThat(each.getString("engine")).isEqualTo("query");
      assertThat(each.getLong("used")).isLessThanOrEqualTo(each.getLong("limit"));
      assertThat(each.getBoolean("verifiedByGc")).isTrue();
      boolean inside =
          each.getStackTrace().getFrames().stream()
              .anyMatch(frame -> className(frame).startsWith("org.h2."));
      insideH2 += inside ? 1 : 0;
      // Or before H2 is asked at all: by the hook that opens the scope, while others fill the engine.
      // Or where the sample groups itself, in a scope too: by a poll in its loop.
      if (!inside) {
        assertThat(firstOutsideTheAgent(each))
            .matches(
                "io\\.nodedb\\.mem\\.sample\\.query\\.(Queries\\.(answer|unique)"
                    + "|QueryEngine\\.connection|OwnGroupBy\\.(run|lambda\\$run\\$\\d))");
      }
    }
    assertThat(insideH2).isPositive();
    assertThat(byName.get(PREFIX + "EngineUsage"))
        .allMatch(e -> e.getLong("used") <= e.getLong("limit"));
  }

  private static String firstOutsideTheAgent(RecordedEvent event) {
    return event.getStackTrace().getFrames().stream()
        .filter(f -> !className(f).startsWith(PREFIX) || className(f).startsWith(PREFIX + "sample."))
        .findFirst()
        .map(f -> className(f) + "." + f.getMethod().getName())
        .orElse("nowhere");
  }

  private static String className(RecordedFrame frame) {
    return frame.getMethod().getType().getName();
  }

  private static String summaryOf(Path recording) throws IOException {
    Process jfr =
        new ProcessBuilder(
                Path.of(ChildJvm.java()).resolveSibling("jfr").toString(),
                "summary",
                recording.toString())
            .redirectErrorStream(true)
            .start();
    return new String(jfr.getInputStream().readAllBytes());
  }
}
