package io.nodedb.mem.offheap;

/** Says which allocator it found. */
final class AllocatorChild {
  private AllocatorChild() {}

  public static void main(String[] args) {
    long t0 = System.nanoTime();
    try (Engines engines = Engines.of(1 << 30)) {
      System.out.println(engines.memory.allocator());
      System.out.println("TIME " + (System.nanoTime() - t0) / 1000);
    }
  }
}
