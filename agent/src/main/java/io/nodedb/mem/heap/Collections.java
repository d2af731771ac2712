package io.nodedb.mem.heap;

import com.sun.management.GcInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
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

  private final List<com.sun.management.GarbageCollectorMXBean> collectors = new ArrayList<>();
  private final Set<String> heapPools;
  private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();

  /** Guarded by this: how many collections there were, and the last of them. */
  private long seen;

  private long seenId;
  private long seenEnd;

  Collections() {
    this(ManagementFactory.getGarbageCollectorMXBeans());
  }

  Collections(List<GarbageCollectorMXBean> beans) {
    for (GarbageCollectorMXBean bean : beans) {
      // Beans for pauses repeat what the bean for their cycle says, or say nothing of memory.
      if (bean instanceof com.sun.management.GarbageCollectorMXBean hotSpot
          && !bean.getName().endsWith("Pauses")) {
        collectors.add(hotSpot);
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
    GcInfo last = last();
    return last == null ? 0 : sum(last.getMemoryUsageAfterGc());
  }

  /** Bytes of the heap in use by now. */
  long inUse() {
    return memory.getHeapMemoryUsage().getUsed();
  }

  /** How many collections there have been. */
  long count() {
    long sum = 0;
    for (com.sun.management.GarbageCollectorMXBean each : collectors) {
      sum += each.getCollectionCount();
    }
    return sum;
  }

  /**
   * Tells of the last collection, if one has ended since this last told.
   *
   * @param sink told at most once; of several collections, of the last only
   */
  synchronized void poll(Sink sink) {
    long ended = count();
    if (ended == seen) {
      return;
    }
    GcInfo last = last();
    // The JVM counts a collection some moments before it tells of it.
    if (last != null && (last.getId() != seenId || last.getEndTime() != seenEnd)) {
      seen = ended;
      seenId = last.getId();
      seenEnd = last.getEndTime();
      sink.collection(sum(last.getMemoryUsageBeforeGc()), sum(last.getMemoryUsageAfterGc()));
    }
  }

  private GcInfo last() {
    GcInfo last = null;
    for (com.sun.management.GarbageCollectorMXBean each : collectors) {
      GcInfo info = each.getLastGcInfo();
      if (info != null && (last == null || info.getEndTime() >= last.getEndTime())) {
        last = info;
      }
    }
    return last;
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
