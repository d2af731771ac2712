package io.nodedb.mem.heap;

/**
 * Told of every sample, after it is charged, on the thread that allocated, in the middle of that
 * allocation. What holds for the sampler's callback holds here: no locks, no waiting, nothing that
 * initializes a class. Allocating is allowed, it is not sampled. What is thrown is counted and lost.
 *
 * <p>The thread may be in the middle of writing a JFR event, which must not be interrupted by
 * another one: see {@link SampleFrames#insideRecorder}.
 */
@FunctionalInterface
public interface SampleListener {
  /**
   * An object was sampled.
   *
   * @param engine the engine's name
   * @param type the object's class
   * @param weight bytes it stands for
   */
  void sampled(String engine, Class<?> type, long weight);
}
