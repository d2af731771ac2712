package io.nodedb.mem.offheap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which cores are near which memory. A system that does not say is one node with all cores.
 *
 * @param nodes the nodes that are on line, by number
 */
record NumaTopology(List<Node> nodes) {
  /**
   * A node.
   *
   * @param id the kernel's number
   * @param cpus its cores that are on line
   * @param memory whether it has memory
   * @param distances to the nodes on line, in their order; may be empty
   */
  record Node(int id, BitSet cpus, boolean memory, List<Integer> distances) {}

  /** This machine's. */
  static NumaTopology ofSystem() {
    return read(Path.of("/sys/devices/system"));
  }

  /**
   * Reads a tree as the kernel lays it out.
   *
   * @param system what is {@code /sys/devices/system} on a live machine
   * @return the topology
   */
  static NumaTopology read(Path system) {
    try {
      BitSet online = cpusOnline(system);
      Path base = system.resolve("node");
      BitSet ids =
          Files.exists(base.resolve("online"))
              ? CpuList.parse(Files.readString(base.resolve("online")))
              : new BitSet();
      BitSet withMemory = withMemory(base, ids);
      List<Node> nodes = new ArrayList<>();
      for (int id = ids.nextSetBit(0); id >= 0; id = ids.nextSetBit(id + 1)) {
        Path dir = base.resolve("node" + id);
        BitSet cpus = CpuList.parse(Files.readString(dir.resolve("cpulist")));
        cpus.and(online);
        nodes.add(new Node(id, cpus, withMemory.get(id), distances(dir)));
      }
      if (nodes.stream().anyMatch(Node::memory)) {
        return new NumaTopology(List.copyOf(nodes));
      }
      return single(online);
    } catch (IOException | IllegalArgumentException e) {
      return single(allCpus());
    }
  }

  /** Every core on line. */
  BitSet cpus() {
    BitSet all = new BitSet();
    nodes.forEach(n -> all.or(n.cpus));
    return all;
  }

  /** The nodes that have memory, by number. */
  List<Node> memoryNodes() {
    return nodes.stream().filter(Node::memory).toList();
  }

  /**
   * Where a core's memory is best taken from: its own node or, if that has none, the nearest.
   *
   * @param cpu the core
   * @return an index into {@link #memoryNodes}; 0 for a core that is not on line
   */
  int memoryNodeOf(int cpu) {
    List<Node> candidates = memoryNodes();
    for (Node node : nodes) {
      if (node.cpus.get(cpu)) {
        return node.memory ? candidates.indexOf(node) : nearest(node, candidates);
      }
    }
    return 0;
  }

  private int nearest(Node from, List<Node> candidates) {
    int best = 0;
    int bestDistance = Integer.MAX_VALUE;
    for (int i = 0; i < candidates.size(); i++) {
      int column = nodes.indexOf(candidates.get(i));
      if (column < from.distances.size() && from.distances.get(column) < bestDistance) {
        bestDistance = from.distances.get(column);
        best = i;
      }
    }
    return best;
  }

  private static BitSet withMemory(Path base, BitSet ids) throws IOException {
    Path file = base.resolve("has_memory");
    if (!Files.exists(file)) {
      file = base.resolve("has_normal_memory");
    }
    return Files.exists(file) ? CpuList.parse(Files.readString(file)) : ids;
  }

  private static List<Integer> distances(Path dir) throws IOException {
    Path file = dir.resolve("distance");
    if (!Files.exists(file)) {
      return List.of();
    }
    return Files.readString(file).strip().lines()
        .flatMap(line -> List.of(line.strip().split("\\s+")).stream())
        .map(Integer::valueOf)
        .toList();
  }

  private static BitSet cpusOnline(Path system) throws IOException {
    Path file = system.resolve("cpu/online");
    return Files.exists(file) ? CpuList.parse(Files.readString(file)) : allCpus();
  }

  private static BitSet allCpus() {
    BitSet cpus = new BitSet();
    cpus.set(0, Runtime.getRuntime().availableProcessors());
    return cpus;
  }

  private static NumaTopology single(BitSet cpus) {
    return new NumaTopology(List.of(new Node(0, cpus, true, List.of(10))));
  }
}
