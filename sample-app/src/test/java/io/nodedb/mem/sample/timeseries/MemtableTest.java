package io.nodedb.mem.sample.timeseries;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemtableTest {
  private static final int SERIES = 10;
  private static final int POINTS = 2_000;

  /** There nothing may be refused, and what was allocated all the same would pass the limit. */
  @Test
  void addingWhatWasPreparedForAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Memtable table = new Memtable(2 * SERIES);
    table.prepare(0, SERIES, POINTS);
    add(table, 0);
    table.settle(SERIES, POINTS);
    table.prepare(SERIES, SERIES, POINTS);
    long before = threads.getCurrentThreadAllocatedBytes();
    add(table, SERIES);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1024);
    assertThat(table.chunks(2 * SERIES - 1).size()).isGreaterThan(5);
  }

  /** Random values, which compress badly: some dozens of chunks. */
  private static void add(Memtable table, int first) {
    SplittableRandom random = new SplittableRandom(first);
    for (int series = first; series < first + SERIES; series++) {
      for (int i = 0; i < POINTS; i++) {
        table.add(series, i * 1_000L + random.nextInt(1_000), random.nextDouble());
      }
    }
  }
}
