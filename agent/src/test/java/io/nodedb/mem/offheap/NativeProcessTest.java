package io.nodedb.mem.offheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What depends on how a process was started. */
class NativeProcessTest {
  @Test
  void preloadedJemallocTellsWhatJniLibrariesAllocate() throws Exception {
    Optional<Path> jemalloc = ChildJvm.systemJemalloc();
    if (jemalloc.isEmpty()) {
      System.err.println("SKIPPED: attribution of JNI memory needs libjemalloc2 to be installed");
    }
    assumeTrue(jemalloc.isPresent(), "libjemalloc.so.2 is not installed");
    ChildJvm.Result result = ChildJvm.run("", jemalloc, PreloadedChild.class);
    assertThat(result.output())
        .anyMatch(l -> l.startsWith("allocator jemalloc (preloaded: ") && l.contains("statistics"))
        .contains("done");
    assertThat(result.exit()).isZero();
  }

  @Test
  void figuresAreShownAndBadOnesActedOn() throws Exception {
    Optional<Path> jemalloc = ChildJvm.systemJemalloc();
    assumeTrue(jemalloc.isPresent(), "libjemalloc.so.2 is not installed");
    ChildJvm.Result result = ChildJvm.run("", jemalloc, FiguresChild.class);
    assertThat(result.output())
        .anyMatch(l -> l.startsWith("warned engine 'vector': ") && l.contains("hold nothing"))
        .contains("done");
    assertThat(result.exit()).isZero();
  }

  @Test
  void smallBlocksCostNoHeap() throws Exception {
    ChildJvm.Result result = ChildJvm.run("", Optional.empty(), HeapOfPairChild.class);
    assertThat(result.output()).contains("done");
    assertThat(result.exit()).isZero();
  }

  @Test
  void systemsLibraryNeedsRoomForItsThreadLocals() throws Exception {
    assumeTrue(ChildJvm.systemJemalloc().isPresent(), "libjemalloc.so.2 is not installed");
    ChildJvm.Result result =
        ChildJvm.run(
            "GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384; export GLIBC_TUNABLES;",
            Optional.empty(),
            AllocatorChild.class);
    assertThat(result.output()).anyMatch(l -> l.contains("jemalloc (system: "));
  }

  @Test
  void usedUpAddressSpaceIsAnErrorThatLeavesTheLedgerExact() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run("ulimit -v 3000000;", Optional.empty(), ExhaustionChild.class);
    assertThat(result.output())
        .anyMatch(l -> l.startsWith("error engine 'vector': the system has no 67108864 bytes"))
        .contains("done");
    assertThat(result.exit()).isZero();
  }
}
