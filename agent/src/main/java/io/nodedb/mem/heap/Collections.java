package io.nodedb.mem.heap;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the JVM's collectors did, by asking them: cheap enough for every tick, and free of the
 * notification thread, so that a collection can be taken into account by the thread that asked for
 * it. Several collections between two looks count as the last of them.
 */
final class Collections {
  /** Hears of a collection. */
  interface Sink {
    void collection(long usedBefore, long usedAfter);
  }

  private static final class Collector {
    final com.sun.management.GarbageCollectorMXBean bean;
    long seen;

    Collector(com.sun.management.GarbageCollectorMXBean bean) {
      this.bean = bean;
    }
  }

  private final List<Collector> collectors = new ArrayList<>();
  private final Set<String> heapPools;

  Collections() {
    for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
      // Beans for pauses repeat what the bean for their cycle says, or say nothing of memory.
      if (bean instanceof com.sun.management.GarbageCollectorMXBean hotSpot
          && !bean.getName().endsWith("Pauses")) {
        collectors.add(new Collector(hotSpot));
      }
    }
    heapPools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(p -> p.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getName)
            .collect(Collectors.toSet());
  }

  /**
   * What the whole heap held when the last collection ended, of the young objects alone perhaps: old
   * ones that are dead count until a collection looks at them, as they do in the ledgers. (What a pool
   * held after a collection of its own would not do: of old objects that is a figure from long ago.)
   *
   * @return bytes; 0 before the first collection
   */
  long usedAfter() {
    com.sun.management.GcInfo last = null;
    for (Collector each : collectors) {
      com.sun.management.GcInfo info = each.bean.getLastGcInfo();
      if (info != null && (last == null || info.getEndTime() >= last.getEndTime())) {
        last = info;
      }
    }
    return last == null ? 0 : sum(last.getMemoryUsageAfterGc());
  }

  /** How many collections there have been. */
  long count() {
    long sum = 0;
    for (Collector each : collectors) {
      sum += each.bean.getCollectionCount();
    }
    return sum;
  }

  synchronized void poll(Sink sink) {
    for (Collector each : collectors) {
      if (each.bean.getCollectionCount() == each.seen) {
        continue;
      }
      com.sun.management.GcInfo info = each.bean.getLastGcInfo();
      if (info != null && info.getId() != each.seen) {
        each.seen = info.getId();
        sink.collection(sum(info.getMemoryUsageBeforeGc()), sum(info.getMemoryUsageAfterGc()));
      }
    }
  }

  private long sum(Map<String, MemoryUsage> pools) {
    long sum = 0;
    for (Map.Entry<String, MemoryUsage> pool : pools.entrySet()) {
      if (heapPools.contains(pool.getKey())) {
        sum += pool.getValue().getUsed();
      }
    }
    return sum;
  }
}
