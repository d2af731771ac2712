package io.nodedb.mem.governor;

/**
 * How an engine stands when budget is about to move. Amounts are bytes.
 *
 * @param base the limit as configured or set: less the limit, what is lent; the limit less it, what
 *     is borrowed
 * @param limit the limit in force
 * @param keep what the engine is left with if it lends
 * @param hold what the engine cannot be brought below: use, and what it may allocate unasked
 * @param lends whether it was quiet for long enough to lend
 * @param held whether it has to stay within its base until a debt is paid
 */
record Stand(long base, long limit, long keep, long hold, boolean lends, boolean held) {
  private static final double GROWTH = 4.0 / 3;

  /**
   * What lending leaves an engine: its minimum, and so much that its use may grow by a third before its
   * pressure rises, or before it needs back what it has lent. An engine that has lent is one that
   * behaves, and must not have to shed memory that is within its base.
   */
  static long keep(long base, long min, long used, long margin, double calm) {
    double calmLimit = Math.ceil(used * GROWTH / calm) + 1;
    return Math.max(Math.max(Math.min(min, base), used + margin), (long) calmLimit);
  }
}
