package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process occupies beyond its ledgers comes back under the ceiling, and nobody is refused. */
class GuardIT {
  private static final int CEILING = 400;
  private static final long GROUP_LIMIT = 1L << 30;
  private static final Path GROUPS = Path.of("/sys/fs/cgroup/memory");

  @TempDir Path out;

  @Test
  void heapCommittedFarAboveUseIsGivenBack() {
    comesBack(
        ChildJvm.running(GuardMain.class, "heap")
            .agent("ceiling=" + CEILING + "MiB")
            .jvm("-Xmx1g", "-XX:+UseG1GC")
            .run());
  }

  @Test
  void sameWithCollectionsThatStopNobody() {
    comesBack(
        ChildJvm.running(GuardMain.class, "heap")
            .agent("ceiling=" + CEILING + "MiB")
            .jvm("-Xmx1g", "-XX:+UseG1GC", "-XX:+ExplicitGCInvokesConcurrent")
            .run());
  }

  /** Here jemalloc never gives anything back by itself. */
  @Test
  void fragmentsOfJemallocAreGivenBack() {
    Optional<String> jemalloc = SystemJemalloc.find();
    if (jemalloc.isEmpty()) {
      System.err.println("SKIPPED: fragmentation of jemalloc needs libjemalloc2 to be installed");
    }
    assumeTrue(jemalloc.isPresent(), "libjemalloc.so.2 is not installed");
    comesBack(
        ChildJvm.running(GuardMain.class, "fragments")
            .agent("ceiling=" + CEILING + "MiB")
            .jvm("--enable-native-access=ALL-UNNAMED", "-Dlibrary=" + jemalloc.get())
            .environment("LD_PRELOAD", jemalloc.get())
            .environment("MALLOC_CONF", "dirty_decay_ms:-1,muzzy_decay_ms:-1")
            .run());
  }

  @Test
  void fragmentsOfTheCLibraryAreGivenBack() {
    comesBack(
        ChildJvm.running(GuardMain.class, "fragments")
            .agent("ceiling=" + CEILING + "MiB")
            .jvm("--enable-native-access=ALL-UNNAMED")
            .run());
  }

  private static void comesBack(ChildJvm.Result result) {
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(Long.parseLong(result.value("occupied"))).as(result.all()).isGreaterThan(CEILING);
    assertThat(Long.parseLong(result.value("left"))).as(result.all()).isLessThan(CEILING);
    assertThat(result.value("rejections")).as(result.all()).isEqualTo("0");
  }

  /** The configuration says 2 GiB, the kernel 1: the agent goes by the kernel, which kills nobody. */
  @Test
  void groupsLimitCountsWhereTheCeilingIsAboveIt() throws IOException {
    boolean possible = Files.isWritable(GROUPS.resolve("cgroup.procs"));
    if (!possible) {
      System.err.println("SKIPPED: no writable memory control group (version 1) at " + GROUPS);
    }
    assumeTrue(possible, "no writable memory control group");
    Path group = GROUPS.resolve("nodedb-mem-guard-" + ProcessHandle.current().pid());
    Files.createDirectory(group);
    try {
      Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(GROUP_LIMIT));
      ChildJvm.Result result = mixed().inGroup(group.resolve("cgroup.procs")).run();
      assertThat(Files.readAllLines(group.resolve("memory.oom_control")))
          .as(result.all())
          .contains("oom_kill 0");
      assertThat(result.exit()).as(result.all()).isZero();
      assertThat(result.out()).last().isEqualTo("RESULT: PASS");
      assertThat(result.err())
          .as(result.all())
          .filteredOn(line -> line.contains("above the control group's limit of 1GiB"))
          .hasSize(1);
    } finally {
      Files.delete(group);
    }
  }

  private ChildJvm mixed() {
    Path jar = ChildJvm.ROOT.resolve("sample-app/target/nodedb-mem-sample-app.jar");
    return ChildJvm.with(
            "-jar", jar.toString(), "--scenario", "mixed", "--seconds", "15", "--out",
            out.toString())
        .classPath("")
        .agent("config=" + ChildJvm.ROOT.resolve("sample-app/nodedb-mem.conf"))
        .jvm(
            "-Xmx512m",
            "-XX:+UseG1GC",
            "-XX:+ExplicitGCInvokesConcurrent",
            "--enable-native-access=ALL-UNNAMED");
  }
}
