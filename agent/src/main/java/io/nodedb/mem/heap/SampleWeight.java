package io.nodedb.mem.heap;

/**
 * How many bytes a sample stands for.
 *
 * <p>Sampling points lie on the stream of a thread's allocated bytes at exponentially distributed
 * distances, {@code interval} bytes on average. So an object of {@code size} bytes holds at least one
 * with probability {@code p = 1 - exp(-size / interval)}, and its weight is {@code size / p}: the
 * expected weight of every object, sampled or not, is its size. The estimate is therefore unbiased
 * for any mix of sizes.
 *
 * <p>A weight is rounded up with the probability of its fraction, down otherwise: so are whole bytes.
 */
final class SampleWeight {
  private SampleWeight() {}

  /**
   * The unbiased weight.
   *
   * @param size the object's bytes
   * @param interval average bytes between samples, or 0 if all are taken
   * @return bytes, at least size
   */
  static double of(long size, int interval) {
    return interval <= 0 ? size : size / -Math.expm1(-(double) size / interval);
  }

  /**
   * Rounds without bias.
   *
   * @param weight 0 or more
   * @param random 64 random bits
   * @return one of the two neighbouring whole numbers
   */
  static long round(double weight, long random) {
    long down = (long) weight;
    return down + ((random >>> 11) * 0x1p-53 < weight - down ? 1 : 0);
  }

  /** Turns a counter into random bits (the finalizer of SplitMix64). */
  static long mix(long x) {
    x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
    return x ^ (x >>> 31);
  }
}
