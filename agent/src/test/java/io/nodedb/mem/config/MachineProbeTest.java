package io.nodedb.mem.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineProbeTest {
  @TempDir Path root;

  private void write(String file, String text) throws IOException {
    var path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private OptionalLong limit() {
    return new CgroupLimit(root).find();
  }

  @Test
  void theSmallestLimitOnTheWayUpCountsInVersion2() throws IOException {
    write("proc/self/cgroup", "0::/system/db\n");
    write("sys/fs/cgroup/system/memory.max", "1000\n");
    write("sys/fs/cgroup/system/db/memory.max", "max\n");

    assertThat(limit()).hasValue(1000);
  }

  @Test
  void version1IsReadFromTheMemoryController() throws IOException {
    write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/docker/x\n0::/\n");
    write("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "2000\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

    assertThat(limit()).hasValue(2000);
  }

  @Test
  void insideAContainerTheHostsPathIsNotThereAndTheMountItselfCounts() throws IOException {
    write("proc/self/cgroup", "4:memory:/docker/of-the-host\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "3000\n");

    assertThat(limit()).hasValue(3000);
  }

  @Test
  void aGroupAboveTheNamespaceIsNotFollowedOutOfTheMount() throws IOException {
    write("proc/self/cgroup", "0::/../../../elsewhere\n");
    write("sys/fs/cgroup/memory.max", "4000\n");
    write("elsewhere/memory.max", "1\n");

    assertThat(limit()).hasValue(4000);
  }

  @Test
  void noLimitIsNone() throws IOException {
    assertThat(limit()).isEmpty();
    write("proc/self/cgroup", "4:memory:/\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

    assertThat(limit()).isEmpty();
  }

  @Test
  void memoryAndPageSizeAreReadFromProc() throws IOException {
    write("proc/meminfo", "MemTotal:       24598264 kB\nMemFree:  1 kB\n");
    write("proc/self/auxv", "");
    var vector = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
    vector.putLong(33).putLong(7).putLong(6).putLong(65_536).putLong(0).putLong(0);
    Files.write(root.resolve("proc/self/auxv"), vector.array());
    var probe = new MachineProbe(root);

    assertThat(probe.physicalMemory()).isEqualTo(24_598_264L * 1024);
    assertThat(probe.pageSize()).isEqualTo(65_536);
  }

  @Test
  void withoutProcTheJvmIsAsked() {
    var probe = new MachineProbe(root);

    assertThat(probe.physicalMemory()).isPositive();
    assertThat(probe.pageSize()).isEqualTo(4096);
  }

  @Test
  void thisMachineIsSound() {
    var machine = Machine.detect();

    assertThat(machine.maxHeap()).isEqualTo(Runtime.getRuntime().maxMemory());
    assertThat(machine.memory()).isBetween(1L, machine.physicalMemory());
    assertThat(Long.bitCount(machine.pageSize())).isOne();
    assertThat(machine.tmpDir()).isDirectory();
  }
}
