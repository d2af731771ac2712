package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which jemalloc the demo's script preloads. The script runs in a tree that looks built, with a java
 * that says how it was called and an ldconfig that says what the test wants.
 */
class DemoScriptIT {
  private static final String LIBRARY = "/usr/lib/somewhere/libjemalloc.so.2";

  @TempDir Path tree;

  @BeforeEach
  void makeTree() throws IOException {
    Files.copy(ChildJvm.ROOT.resolve("demo"), tree.resolve("demo"));
    for (String file :
        List.of(
            "pom.xml",
            "annotations/pom.xml",
            "blocks/pom.xml",
            "agent/pom.xml",
            "agent/target/nodedb-mem-agent-1.jar",
            "sample-app/pom.xml",
            "sample-app/nodedb-mem.conf",
            "sample-app/target/nodedb-mem-sample-app.jar")) {
      Files.createDirectories(tree.resolve(file).getParent());
      Files.createFile(tree.resolve(file));
    }
    Path built = Files.createFile(tree.resolve("sample-app/target/demo-built"));
    // In the future, so that nothing is newer.
    Files.setLastModifiedTime(
        built, FileTime.fromMillis(Files.getLastModifiedTime(built).toMillis() + 60_000));
    script(
        "jdk/bin/java",
        """
        if [ "$1" = -version ]; then echo 'openjdk version "25.0.1"' >&2; exit 0; fi
        echo "preloaded: ${LD_PRELOAD:-nothing}"
        """);
  }

  @Test
  void systemsJemallocIsPreloaded() throws Exception {
    ldconfig("\tlibjemalloc.so.2 (libc6," + kind() + ") => " + LIBRARY);
    assertThat(run(""))
        .anyMatch(line -> line.contains("preloaded (" + LIBRARY + ")"))
        .contains("preloaded: " + LIBRARY);
  }

  @Test
  void whatTheUserPreloadsStaysSo() throws Exception {
    ldconfig("\tlibjemalloc.so.2 (libc6," + kind() + ") => " + LIBRARY);
    // A library that is there, or the loader complains in the script's own children.
    assertThat(run("libc.so.6")).contains("preloaded: " + LIBRARY + ":libc.so.6");
  }

  @Test
  void withoutOneTheAgentsOwnServes() throws Exception {
    ldconfig("\tlibjpeg.so.62 (libc6," + kind() + ") => /usr/lib/libjpeg.so.62");
    assertThat(run(""))
        .anyMatch(line -> line.contains("the agent's own jemalloc"))
        .contains("preloaded: nothing");
  }

  @Test
  void oneOfAnotherProcessorIsNoUse() throws Exception {
    ldconfig("\tlibjemalloc.so.2 (libc6) => /usr/lib/i386/libjemalloc.so.2");
    assertThat(run("")).contains("preloaded: nothing");
  }

  private static String kind() {
    return System.getProperty("os.arch").equals("aarch64") ? "AArch64" : "x86-64";
  }

  private void ldconfig(String line) throws IOException {
    script("bin/ldconfig", "printf '%s\\n' '" + line + "'\n");
  }

  private void script(String name, String body) throws IOException {
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> run(String preload) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("bash", tree.resolve("demo").toString(), "--seconds", "1")
            .directory(tree.toFile())
            .redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", tree.resolve("jdk").toString());
    builder
        .environment()
        .put("PATH", tree.resolve("bin") + ":" + System.getenv().getOrDefault("PATH", ""));
    builder.environment().remove("LD_PRELOAD");
    if (!preload.isEmpty()) {
      builder.environment().put("LD_PRELOAD", preload);
    }
    Process process = builder.start();
    List<String> out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor()).as(String.join("\n", out)).isZero();
    return out;
  }
}
