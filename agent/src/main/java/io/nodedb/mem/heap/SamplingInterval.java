package io.nodedb.mem.heap;

/**
 * Bytes between two samples of a thread, on average.
 *
 * <p>With the interval {@code i} an engine's live heap of {@code b} bytes is known with a standard
 * error of about {@code sqrt(i / b)}.
 */
public final class SamplingInterval {
  /** Every allocation is sampled, each with its size as its weight. */
  public static final int EVERY_ALLOCATION = 0;

  /** Least automatic interval. Below, the sampler's cost shows. */
  static final int MIN = 4 << 10;

  /**
   * Greatest automatic interval: 512 MiB are known to 1.6 %, so that an error of 5 % is one in a
   * thousand. At the 512 KiB that a JVM starts with it would be one in ten.
   */
  static final int MAX = 128 << 10;

  private static final int SAMPLES_AT_LIMIT = 4096;

  private SamplingInterval() {}

  /**
   * The interval at which each engine of 16 MiB or more is known to 1.6 % or better when it is at
   * its limit, between 4 KiB and 128 KiB.
   *
   * @param smallestLimit the smallest of the engines' limits, in bytes
   * @return bytes
   */
  public static int auto(long smallestLimit) {
    return Math.clamp(smallestLimit / SAMPLES_AT_LIMIT, MIN, MAX);
  }
}
