package io.nodedb.mem.instrument;

/** Takes note of where classes clean up. Thread-safe. */
@FunctionalInterface
public interface CleanupSink {
  /**
   * A class is about to be loaded, or loaded anew.
   *
   * @param loader its loader, null for the bootstrap loader
   * @param className its binary name
   * @param lines the lines of its source that only clean up, in ascending order
   */
  void cleansUp(ClassLoader loader, String className, int[] lines);
}
