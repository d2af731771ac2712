package io.nodedb.mem.resident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups as the kernel shows them, in files below a directory. */
class ControlGroupTest {
  @TempDir Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void versionOneTellsUsageWithoutFilesTheKernelCanDrop() throws IOException {
    file("proc/self/cgroup", "4:memory:/box\n0::/\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    file("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1000\n");
    file("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "900\n");
    file(
        "sys/fs/cgroup/memory/box/memory.stat",
        "inactive_file 1\nactive_file 1\ntotal_inactive_file 200\ntotal_active_file 100\n");
    ControlGroup group = new ControlGroup(root);
    assertThat(group.limit()).hasValue(1000);
    assertThat(group.held()).hasValue(600);
    assertThat(group.stalled()).isEmpty();
    file("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "800\n");
    assertThat(group.limit()).as("it changed").hasValue(800);
  }

  @Test
  void versionTwoTellsStallsToo() throws IOException {
    file("proc/self/cgroup", "0::/a/b\n");
    file("sys/fs/cgroup/a/memory.max", "700\n");
    file("sys/fs/cgroup/a/b/memory.max", "max\n");
    file("sys/fs/cgroup/a/b/memory.current", "500\n");
    file("sys/fs/cgroup/a/b/memory.stat", "anon 300\nactive_file 50\ninactive_file 150\n");
    file(
        "sys/fs/cgroup/a/b/memory.pressure",
        "some avg10=12.50 avg60=1.00 avg300=0.10 total=9\nfull avg10=1.00 avg60=0.00 total=1\n");
    ControlGroup group = new ControlGroup(root);
    assertThat(group.limit()).hasValue(700);
    assertThat(group.held()).hasValue(300);
    assertThat(group.stalled()).hasValue(12.5);
  }

  @Test
  void noGroupTellsNothingAndTheSystemsStallsStandIn() throws IOException {
    file("proc/pressure/memory", "some avg10=3.00 avg60=1.00 avg300=0.10 total=9\n");
    ControlGroup group = new ControlGroup(root);
    assertThat(group.limit()).isEmpty();
    assertThat(group.held()).isEmpty();
    assertThat(group.stalled()).hasValue(3.0);
  }

  /** Whatever mix of versions is mounted here, and what it says now. */
  @Test
  void kernelThatRunsThisTellsStalls() {
    boolean tells = Files.isReadable(Path.of("/proc/pressure/memory"));
    if (!tells) {
      System.err.println("SKIPPED: this kernel has no /proc/pressure/memory");
    }
    assumeTrue(tells, "no PSI");
    assertThat(new ControlGroup().stalled().orElseThrow()).isBetween(0.0, 100.0);
  }

  @Test
  void brokenFilesAreNoFigures() throws IOException {
    file("proc/self/cgroup", "nonsense\n4:memory:/box\n");
    file("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "lots\n");
    file("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "900\n");
    file("proc/pressure/memory", "some avg10=high\n");
    ControlGroup group = new ControlGroup(root);
    assertThat(group.limit()).isEmpty();
    assertThat(group.held()).as("without statistics").isEmpty();
    assertThat(group.stalled()).isEmpty();
  }
}
