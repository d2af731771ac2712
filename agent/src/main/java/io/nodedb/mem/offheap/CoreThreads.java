package io.nodedb.mem.offheap;

import java.util.BitSet;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadFactory;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * Makes threads that keep to a core each, with its node's memory. A thread that ends leaves its core
 * to the next.
 */
final class CoreThreads implements ThreadFactory {
  private final String engine;
  private final NumaTopology topology;
  private final Notices notices;
  private final IntFunction<Runnable> pinToNode;
  private final UnaryOperator<Runnable> inScope;

  /** Cores without a thread; guarded by itself. */
  private final PriorityQueue<Integer> free;

  /**
   * Makes a factory.
   *
   * @param cores one for each thread
   * @param pinToNode what a thread does first, by the index of its core's memory node; what it gives
   *     is done last
   * @param inScope puts a thread's work into the engine's scope
   */
  CoreThreads(
      String engine,
      BitSet cores,
      NumaTopology topology,
      Notices notices,
      IntFunction<Runnable> pinToNode,
      UnaryOperator<Runnable> inScope) {
    this.engine = engine;
    this.topology = topology;
    this.notices = notices;
    this.pinToNode = pinToNode;
    this.inScope = inScope;
    this.free = new PriorityQueue<>(cores.stream().boxed().toList());
  }

  @Override
  public Thread newThread(Runnable work) {
    Integer core;
    synchronized (free) {
      core = free.poll();
    }
    return Thread.ofPlatform()
        .name("nodedb-mem-" + engine + "-core" + (core == null ? "" : core))
        .unstarted(() -> run(work, core));
  }

  private void run(Runnable work, Integer core) {
    Runnable unpin = () -> {};
    try {
      if (core != null) {
        int node = topology.memoryNodeOf(core);
        place(core, node);
        ThreadNode.current(node);
        unpin = pinToNode.apply(node);
      }
      inScope.apply(work).run();
    } finally {
      unpin.run();
      if (core != null) {
        synchronized (free) {
          free.add(core);
        }
      }
    }
  }

  private void place(int core, int node) {
    if (!Native.supported()) {
      notices.once("affinity", "threads are not pinned to cores: only done on Linux");
      return;
    }
    BitSet one = new BitSet();
    one.set(core);
    int error = ThreadPlacement.affinity(one);
    if (error != 0) {
      notices.once(
          "affinity", "threads are not pinned to cores: sched_setaffinity fails with errno " + error);
    }
    if (topology.memoryNodes().size() > 1) {
      error = ThreadPlacement.preferNode(topology.memoryNodes().get(node).id());
      if (error != 0) {
        notices.once(
            "mempolicy",
            "threads get memory of any NUMA node: set_mempolicy fails with errno " + error);
      }
    }
  }
}
