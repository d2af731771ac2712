package io.nodedb.mem.resident;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;

/**
 * Reads what the process occupies. Thread-safe; a reading takes a fraction of a millisecond.
 *
 * <p>The JVM tells the committed size of its non-heap pools (metaspace, class space, compiled code).
 * It does not tell the rest of its own memory without being started with native memory tracking, so
 * that is estimated: a 32nd of the committed heap for the collector (G1's mark bitmap alone is a
 * 64th, card tables and remembered sets come to about as much), and 128 KiB for each live thread,
 * of whose stack most never touch more.
 */
public final class ResidentProbe {
  private static final int COLLECTOR_SHARE = 32;
  private static final long THREAD = 128 << 10;

  private final ProcStatm statm;
  private final ControlGroup group = new ControlGroup();
  private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  /** A probe of this process. */
  public ResidentProbe() {
    statm = new ProcStatm(Path.of("/proc/self"));
  }

  /**
   * The resident set alone, in some microseconds.
   *
   * @return bytes, or {@link Resident#UNKNOWN}
   */
  public long rss() {
    return statm.rss();
  }

  /**
   * Reads.
   *
   * @param used what engines are charged now, in bytes
   * @return the figures now
   */
  public Resident read(long used) {
    MemoryUsage heap = memory.getHeapMemoryUsage();
    long own =
        memory.getNonHeapMemoryUsage().getCommitted()
            + heap.getCommitted() / COLLECTOR_SHARE
            + threads.getThreadCount() * THREAD;
    return Resident.of(statm.rss(), used, own, heap.getCommitted(), heap.getUsed()).in(group);
  }
}
