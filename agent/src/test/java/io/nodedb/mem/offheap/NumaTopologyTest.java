package io.nodedb.mem.offheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumaTopologyTest {
  @Test
  void oneNodeHasEverything() {
    NumaTopology t = recorded("one-node");
    assertThat(t.memoryNodes()).hasSize(1);
    assertThat(t.cpus().stream()).containsExactly(0, 1);
    assertThat(t.memoryNodeOf(1)).isZero();
  }

  @Test
  void coresOfTwoNodesInterleave() {
    NumaTopology t = recorded("two-nodes");
    assertThat(t.memoryNodes()).hasSize(2);
    assertThat(t.cpus().cardinality()).isEqualTo(16);
    assertThat(t.memoryNodeOf(3)).isZero();
    assertThat(t.memoryNodeOf(4)).isOne();
    assertThat(t.memoryNodeOf(8)).isZero();
    assertThat(t.memoryNodeOf(15)).isOne();
  }

  /** Recorded by it-tests/numa-vm/run. */
  @Test
  void twoNodesOfAVirtualMachine() {
    NumaTopology t = recorded("virtual-machine");
    assertThat(t.memoryNodes()).extracting(NumaTopology.Node::id).containsExactly(0, 1);
    assertThat(t.nodes().get(0).distances()).containsExactly(10, 21);
    assertThat(t.nodes().get(1).distances()).containsExactly(21, 10);
    assertThat(t.cpus().stream()).containsExactly(0, 1, 2, 3);
    assertThat(t.memoryNodeOf(1)).isZero();
    assertThat(t.memoryNodeOf(2)).isOne();
  }

  @Test
  void fourNodes() {
    NumaTopology t = recorded("four-nodes");
    assertThat(t.memoryNodes()).hasSize(4);
    for (int cpu = 0; cpu < 32; cpu++) {
      assertThat(t.memoryNodeOf(cpu)).isEqualTo(cpu / 8);
    }
  }

  @Test
  void coresWithoutMemoryUseTheNearestNode() {
    NumaTopology t = recorded("memoryless-node");
    assertThat(t.nodes()).extracting(NumaTopology.Node::id).containsExactly(0, 1, 3);
    assertThat(t.memoryNodes()).extracting(NumaTopology.Node::id).containsExactly(0, 3);
    assertThat(t.memoryNodeOf(5)).as("node 3 is at distance 20, node 0 at 30").isOne();
    assertThat(t.memoryNodeOf(2)).isZero();
    assertThat(t.memoryNodeOf(9)).isOne();
  }

  @Test
  void coresOffLineAreLeftOut() {
    NumaTopology t = recorded("offline-cpus");
    assertThat(t.cpus().stream()).containsExactly(0, 2, 3, 4, 6);
    assertThat(t.nodes().get(1).cpus().stream()).containsExactly(4, 6);
  }

  @Test
  void systemWithoutNumaIsOneNode() {
    NumaTopology t = recorded("no-numa");
    assertThat(t.memoryNodes()).hasSize(1);
    assertThat(t.cpus().stream()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void unreadableTreeIsOneNode(@TempDir Path dir) throws Exception {
    Files.createDirectories(dir.resolve("cpu"));
    Files.writeString(dir.resolve("cpu/online"), "none");
    assertThat(NumaTopology.read(dir).memoryNodes()).hasSize(1);
  }

  @Test
  void thisMachineHasTheCoresThatTheJvmSees() {
    assertThat(NumaTopology.ofSystem().cpus().cardinality())
        .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void listsAreParsedOrRefused() {
    assertThat(CpuList.parse(" 0-2,5\n").stream()).containsExactly(0, 1, 2, 5);
    assertThat(CpuList.parse("\n")).isEqualTo(new BitSet());
    for (String bad : new String[] {"a", "1-", "-", "3-1", "1,,2", "1-2-3"}) {
      assertThatThrownBy(() -> CpuList.parse(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(bad);
    }
  }

  private static NumaTopology recorded(String name) {
    try {
      return NumaTopology.read(
          Path.of(NumaTopologyTest.class.getResource("sysfs/" + name).toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
