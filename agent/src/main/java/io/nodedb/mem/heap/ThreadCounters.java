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

  /** The sum over all threads that there have been. */
  long all();

  /** HotSpot's counters: the current thread's where the JVM keeps it, if that is known. */
  static ThreadCounters hotSpot() {
    return Here.COUNTERS;
  }

  /** Looked for once. */
  final class Here {
    private static final ThreadCounters COUNTERS = find();

    private Here() {}

    private static ThreadCounters find() {
      ThreadCounters bean = new BeanCounters();
      return ThreadFields.find(bean::current)
          .<ThreadCounters>map(fields -> new FieldCounters(fields, bean))
          .orElse(bean);
    }
  }

  /** By the management bean. */
  final class BeanCounters implements ThreadCounters {
    private final com.sun.management.ThreadMXBean bean =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

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

    @Override
    public long all() {
      return bean.getTotalThreadAllocatedBytes();
    }
  }

  /**
   * The current thread's by its fields.
   *
   * @param fields where they are
   * @param others for other threads
   */
  record FieldCounters(ThreadFields fields, ThreadCounters others) implements ThreadCounters {
    @Override
    public long current() {
      return fields.current();
    }

    @Override
    public long[] of(long[] threadIds) {
      return others.of(threadIds);
    }

    @Override
    public long all() {
      return others.all();
    }
  }
}
