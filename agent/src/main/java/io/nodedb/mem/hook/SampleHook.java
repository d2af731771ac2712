package io.nodedb.mem.hook;

/**
 * What the heap sampler's native callback calls, on the thread that has just allocated an object, at
 * any allocation whatsoever. Does nothing for a thread outside every scope.
 */
public final class SampleHook {
  private static volatile Sink sink;

  private SampleHook() {}

  /** Takes the samples of threads inside a scope. */
  public interface Sink {
    /**
     * Takes a sample. Must not lock, must not wait, and should not throw: what it throws is counted
     * and lost. Is not called again for what it allocates itself.
     *
     * @param scope the current thread's state; its engine is not {@link Hooks#NONE}
     * @param object the new object; its constructor has not run
     * @param size its size in bytes
     * @param interval average bytes between samples when this one was drawn; 0 if each allocation
     *     is sampled
     * @param lowStack whether so little stack is left that a call or two may overflow it
     */
    void sampled(ThreadScope scope, Object object, long size, int interval, boolean lowStack);
  }

  /**
   * Puts a sink behind the sampler.
   *
   * @param newSink the sink, or null for none
   */
  public static void install(Sink newSink) {
    ThreadTable.current(); // Linked now rather than by the first sample.
    sink = newSink;
  }

  /**
   * Called by the sampler alone.
   *
   * @param object the new object
   * @param size its size in bytes
   * @param interval average bytes between samples when this one was drawn, 0 for each
   * @param lowStack whether the stack is nearly used up
   */
  static void sampled(Object object, long size, int interval, boolean lowStack) {
    Sink to = sink;
    if (to == null) {
      return;
    }
    ThreadScope scope = ThreadTable.current();
    if (scope == null || scope.engine == Hooks.NONE || scope.sampling) {
      return;
    }
    scope.sampling = true;
    try {
      to.sampled(scope, object, size, interval, lowStack);
    } finally {
      scope.sampling = false; // A store calls nothing, so no stack overflow comes between.
    }
  }
}
