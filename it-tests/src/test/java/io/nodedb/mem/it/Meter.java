package io.nodedb.mem.it;

import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.MemoryGovernor;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** In a child: tells which engines the allocations of a piece of work were counted for. */
final class Meter {
  static final int MIB = 1 << 20;

  /** Much less than what programs allocate to be seen, more than what they allocate besides. */
  private static final int UNIT = 64 << 10;

  static volatile Object sink;

  private Meter() {}

  static byte[] allocate(int bytes) {
    byte[] array = new byte[bytes];
    sink = array;
    return array;
  }

  /**
   * Prints {@code name=engine:KiB ...} for the engines that work was counted for, to the nearest 64
   * KiB.
   */
  static void print(String name, Runnable work) {
    Map<String, Long> before = allocated();
    work.run();
    Map<String, Long> after = allocated();
    String told =
        after.keySet().stream()
            .filter(e -> units(after, before, e) != 0)
            .map(e -> e + ":" + units(after, before, e) * 64)
            .collect(Collectors.joining(" "));
    System.out.println(name + "=" + told);
  }

  private static long units(Map<String, Long> after, Map<String, Long> before, String engine) {
    return Math.round((double) (after.get(engine) - before.get(engine)) / UNIT);
  }

  private static Map<String, Long> allocated() {
    Map<String, Long> all = new TreeMap<>();
    for (EngineSnapshot each : MemoryGovernor.get().snapshot().engines()) {
      all.put(each.name(), each.allocated());
    }
    return all;
  }
}
