import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * In a machine with several NUMA nodes: each thread of an engine allocates and fills a block, and the
 * kernel says on which node its pages are.
 */
final class NumaMain {
  private static final long BYTES = 64L << 20;
  private static final long PAGE = 4096;

  private record Block(String thread, int node, MemorySegment segment) {}

  private NumaMain() {}

  public static void main(String[] args) throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    // Each thread takes one task: all are in at the same time.
    CyclicBarrier all = new CyclicBarrier(cores);
    List<Block> blocks = new ArrayList<>();
    boolean good;
    MemoryGovernor governor = MemoryGovernor.get();
    try (Arena arena = governor.arena(Engines.VECTOR, ArenaOption.SHARED);
        ExecutorService threads = governor.nativeMemory().threadPerCore(Engines.VECTOR, cores)) {
      List<Future<Block>> filled = new ArrayList<>();
      for (int i = 0; i < cores; i++) {
        filled.add(threads.submit(() -> {
          all.await();
          MemorySegment segment = arena.allocate(BYTES).fill((byte) 1);
          return new Block(Thread.currentThread().getName(), nodeOfThisCore(), segment);
        }));
      }
      for (Future<Block> each : filled) {
        blocks.add(each.get());
      }
      good = compare(blocks);
    }
    System.out.println("NUMA nodes used: " + blocks.stream().map(Block::node).distinct().count());
    System.out.println("NUMA RESULT: " + (good ? "PASS" : "FAIL"));
  }

  private static int nodeOfThisCore() throws IOException {
    // The 39th field is the core the thread ran on last; the second is in parentheses.
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    String core = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[36];
    try (var links = Files.list(Path.of("/sys/devices/system/cpu/cpu" + core))) {
      return links.map(p -> p.getFileName().toString())
          .filter(name -> name.matches("node\\d+"))
          .map(name -> Integer.parseInt(name.substring(4)))
          .findFirst()
          .orElseThrow();
    }
  }

  /**
   * Whether each mapping has at least as many pages on each node as its blocks have there. Neighbours
   * of different arenas are one mapping to the kernel, which may hold a little else besides.
   */
  private static boolean compare(List<Block> blocks) throws IOException {
    Map<String, Map<Integer, Long>> expected = new TreeMap<>();
    for (Block block : blocks) {
      String mapping = mappingOf(block.segment().address());
      System.out.println("NUMA " + block.thread() + " on node " + block.node() + " has "
          + BYTES / PAGE + " pages in " + mapping);
      expected
          .computeIfAbsent(mapping, m -> new TreeMap<>())
          .merge(block.node(), BYTES / PAGE, Long::sum);
    }
    boolean good = true;
    for (var each : expected.entrySet()) {
      Map<Integer, Long> pages = pagesOf(each.getKey());
      for (var node : each.getValue().entrySet()) {
        good &= pages.getOrDefault(node.getKey(), 0L) >= node.getValue();
      }
      System.out.println("NUMA expected " + each.getValue() + ", found " + pages);
    }
    return good;
  }

  /** The line of numa_maps for the mapping that holds an address. */
  private static String mappingOf(long address) throws IOException {
    String found = "";
    for (String line : Files.readAllLines(Path.of("/proc/self/numa_maps"))) {
      long start = Long.parseUnsignedLong(line.substring(0, line.indexOf(' ')), 16);
      if (Long.compareUnsigned(start, address) <= 0) {
        found = line;
      }
    }
    return found;
  }

  private static Map<Integer, Long> pagesOf(String mapping) {
    Map<Integer, Long> pages = new TreeMap<>();
    for (String word : mapping.split(" ")) {
      if (word.matches("N\\d+=\\d+")) {
        String[] parts = word.substring(1).split("=");
        pages.put(Integer.valueOf(parts[0]), Long.valueOf(parts[1]));
      }
    }
    return pages;
  }
}
