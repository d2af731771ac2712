package io.nodedb.mem.heap;

import java.lang.management.ManagementFactory;

/**
 * The JVM's own count of heap bytes each thread has allocated, exact to the byte up to the thread's
 * last TLAB refill and corrected for what it used of the present one.
 */
interface ThreadCounters {
  /** Bytes the current thread has allocated; -1 on a virtual thread. */
  long current();

  /** The same for other threads by id; -1 for those that are gone or virtual, or 0. */
  long[] of(long[] threadIds);

  /** HotSpot's counters. */
  static ThreadCounters hotSpot() {
    com.sun.management.ThreadMXBean bean =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return new ThreadCounters() {
      @Override
      public long current() {
        return bean.getCurrentThreadAllocatedBytes();
      }

      @Override
      public long[] of(long[] threadIds) {
        long[] valid = threadIds.clone();
        for (int i = 0; i < valid.length; i++) {
          if (valid[i] == 0) {
            valid[i] = Long.MAX_VALUE; // Retired since it was looked at; the bean throws for 0.
          }
        }
        return bean.getThreadAllocatedBytes(valid);
      }
    };
  }
}
