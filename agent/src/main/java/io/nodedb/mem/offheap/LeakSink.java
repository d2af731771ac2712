package io.nodedb.mem.offheap;

/** Hears of arenas and allocators that were never closed. */
@FunctionalInterface
public interface LeakSink {
  /**
   * An arena became unreachable without being closed; its memory was freed.
   *
   * @param engine the engine
   * @param bytes what it was charged with
   * @param made where the arena was made; without a stack if it was not sampled
   */
  void leaked(String engine, long bytes, Throwable made);
}
