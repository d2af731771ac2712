package io.nodedb.mem.offheap;

/** The NUMA node that a thread was pinned to. */
final class ThreadNode {
  private static final ThreadLocal<Integer> NODE = ThreadLocal.withInitial(() -> 0);

  private ThreadNode() {}

  /** The node, as an index among the nodes that have memory; 0 for a thread never pinned. */
  static int current() {
    return NODE.get();
  }

  static void current(int node) {
    NODE.set(node);
  }
}
