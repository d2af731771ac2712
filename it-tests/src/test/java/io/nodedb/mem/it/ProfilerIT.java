package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A profiler has the JVM's allocation sampling, which the JVM gives to one at a time. */
class ProfilerIT {
  private static final String LIBRARY =
      System.getProperty("os.arch").equals("aarch64")
          ? "linux-arm64/libasyncProfiler.so"
          : "linux-x64/libasyncProfiler.so";

  @TempDir Path directory;

  /** Keeps 8 MiB in small pieces. */
  static final class Keeping {
    private Keeping() {}

    @EngineBudget(Engines.QUERY)
    static byte[][] pieces() {
      byte[][] pieces = new byte[8 << 10][];
      for (int i = 0; i < pieces.length; i++) {
        pieces[i] = new byte[1008];
      }
      return pieces;
    }

    public static void main(String[] args) {
      byte[][] pieces = pieces();
      System.out.println(
          "allocated=" + (MemoryGovernor.get().snapshot(Engines.QUERY).allocated() >> 20));
      System.out.println("heap=" + (MemoryGovernor.get().snapshot(Engines.QUERY).heap() >> 20));
      Reference.reachabilityFence(pieces);
    }
  }

  @Test
  void ledgerIsEstimatedBesideAProfilerOfAllocations() throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "built for Linux");
    Path profile = directory.resolve("profile.txt");
    ChildJvm.Result result =
        ChildJvm.running(Keeping.class)
            .jvm("-Xmn64m") // No collection meanwhile, after which the ledger is a guess.
            .jvm("-agentpath:" + library() + "=start,event=alloc,collapsed,file=" + profile)
            .agent("ceiling=200MiB")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("allocated")).as(result.all()).isEqualTo("8");
    assertThat(result.value("heap")).as(result.all()).isEqualTo("8");
    assertThat(result.err())
        .as(result.all())
        .singleElement()
        .asString()
        .contains("heap accounting estimated (");
    if (!result.err().get(0).contains("carries no heap sampler")) {
      assertThat(result.err().get(0)).contains("another agent samples allocations in this JVM");
    }
    assertThat(Files.readString(profile)).contains("ProfilerIT$Keeping.pieces");
  }

  private Path library() throws IOException {
    String jar =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(path -> path.contains("async-profiler"))
            .findFirst()
            .orElseThrow();
    Path file = directory.resolve("libasyncProfiler.so");
    try (ZipFile zip = new ZipFile(jar);
        InputStream in = zip.getInputStream(zip.getEntry(LIBRARY))) {
      Files.copy(in, file);
    }
    return file;
  }
}
