package io.nodedb.mem.audit;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.function.LongSupplier;

/** What the Java heap holds: after its last collection, or now if that is more. */
final class HeapUse implements LongSupplier {
  private final List<MemoryPoolMXBean> pools =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .toList();

  @Override
  public long getAsLong() {
    long now = 0;
    long collected = 0;
    for (MemoryPoolMXBean pool : pools) {
      now += used(pool.getUsage());
      collected += used(pool.getCollectionUsage());
    }
    return Math.max(now, collected);
  }

  private static long used(MemoryUsage usage) {
    return usage == null ? 0 : usage.getUsed();
  }
}
