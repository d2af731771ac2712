package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One engine's flush against another's hot pages, in a control group with 400 MiB of memory. Needs
 * root, the version 1 memory controller and a real disk; skipped elsewhere. {@code
 * -Dmapped.flush=4294967296} flushes 4 GiB.
 */
class PageCacheProtectionTest {
  private static final Path CONTROLLER = Path.of("/sys/fs/cgroup/memory");
  private static final long HOT = 256L << 20;
  private static final String FLUSH =
      System.getProperty("mapped.flush", Long.toString(512L << 20));

  @TempDir Path dir;
  private Path group;

  @BeforeEach
  void makeGroup() throws IOException {
    boolean possible =
        Files.isWritable(CONTROLLER.resolve("memory.limit_in_bytes"))
            && !Files.getFileStore(dir).type().equals("tmpfs");
    if (!possible) {
      System.err.println("SKIPPED: no writable memory controller (version 1), or no real disk");
    }
    assumeThat(possible).as("memory controller and a real disk").isTrue();
    group = CONTROLLER.resolve("nodedb-mem-test-" + ProcessHandle.current().pid());
    Files.createDirectory(group);
    Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(400L << 20));
  }

  @AfterEach
  void removeGroup() throws IOException {
    if (group != null) {
      Files.delete(group);
    }
  }

  @Test
  void dropBehindKeepsHotPagesResidentAndAPlainWriterDoesNot() throws Exception {
    long kept = residentPermille("drop");
    long keptByPlain = residentPermille("plain");
    System.out.println(
        "hot pages resident after a flush of " + FLUSH + " bytes, per mille: drop-behind " + kept
            + ", plain " + keptByPlain);
    assertThat(kept).isGreaterThanOrEqualTo(950);
    assertThat(keptByPlain).isLessThan(950);
  }

  private long residentPermille(String writer) throws Exception {
    Path hot = dir.resolve("hot-" + writer);
    // Written so that none of it is cached: its pages are to be the child's.
    try (Arena arena = Arena.ofConfined();
        DropBehindWriter out = DropBehindWriter.create(hot, 16L << 20)) {
      MemorySegment page = arena.allocate(LibC.PAGE);
      for (long at = 0; at < HOT; at += LibC.PAGE) {
        page.set(ValueLayout.JAVA_LONG, 0, at);
        out.write(page);
      }
    }
    ChildJvm child =
        ChildJvm.run(
            dir.toFile(),
            PageCacheChild.class,
            List.of("sh", "-c", "echo $$ > " + group + "/cgroup.procs; exec \"$@\"", "-"),
            List.of("-Xmx32m"),
            hot.toString(),
            dir.resolve("flush").toString(),
            writer,
            FLUSH);
    Files.delete(hot);
    assertThat(child.exit()).as(child.output()).isZero();
    assertThat(child.figure("before")).as("resident before the flush").isEqualTo(HOT);
    return child.figure("permille");
  }
}
