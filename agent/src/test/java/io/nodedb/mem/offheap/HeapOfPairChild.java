package io.nodedb.mem.offheap;

import com.sun.management.ThreadMXBean;
import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.NativeAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/**
 * Allocates and frees small blocks until the JIT has put both into the loop, which shows in the
 * segments taking no heap any more. A pair is then twice as fast. See {@link BudgetAllocator}.
 */
final class HeapOfPairChild {
  private static final int PAIRS = 20_000;

  /** Some seconds; a hundred are enough. */
  private static final int MOST_ROUNDS = 5_000;

  private static volatile long sink;

  private HeapOfPairChild() {}

  public static void main(String[] args) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Engines engines = Engines.of(256 << 20);
        NativeAllocator allocator =
            engines.memory.allocator("vector", ArenaOption.UNZEROED)) {
      for (int round = 0; round < MOST_ROUNDS; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        sink = pairs(allocator);
        long heap = threads.getCurrentThreadAllocatedBytes() - before;
        if (heap < PAIRS) {
          System.out.println("rounds " + round);
          System.out.println("done");
          return;
        }
      }
      System.out.println("each pair still allocates on the heap");
    }
  }

  private static long pairs(NativeAllocator allocator) {
    long sum = 0;
    for (int i = 0; i < PAIRS; i++) {
      MemorySegment block = allocator.allocate(256);
      allocator.free(block);
      sum += block.address();
    }
    return sum;
  }
}
