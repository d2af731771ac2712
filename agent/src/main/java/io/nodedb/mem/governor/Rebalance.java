package io.nodedb.mem.governor;

/**
 * Budget that moved from one engine to another.
 *
 * @param from the engine whose limit was lowered
 * @param to the engine whose limit was raised
 * @param bytes how much
 * @param fromLimit its limit after that
 * @param toLimit its limit after that
 * @param reason why
 */
public record Rebalance(
    String from, String to, long bytes, long fromLimit, long toLimit, Reason reason) {

  /** Why budget moved. */
  public enum Reason {
    /** An idle engine's budget went to one in need. */
    LENT,
    /** An engine that had lent needs its budget. */
    REFUNDED,
    /** An engine that had borrowed was idle. */
    RETURNED,
    /** The whole process is near a bound, where nobody should have more than its own. */
    PRESSURE,
    /** A limit was set, so what was lent under the old one was settled. */
    SETTLED
  }
}
