package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;

/**
 * A request that met a bound, and how it ended.
 *
 * @param engine the engine
 * @param kind the ledger
 * @param requested bytes asked for; 0 if a check found the engine over its bound
 * @param used bytes in use at the end
 * @param limit the bound's value
 * @param bound which bound
 * @param outcome how it ended
 * @param verified whether a collection ruled garbage out
 * @param waitedNanos time spent between the first refusal and the outcome
 */
public record Breach(
    String engine,
    LedgerKind kind,
    long requested,
    long used,
    long limit,
    Bound bound,
    Outcome outcome,
    boolean verified,
    long waitedNanos) {

  /** How a breach ended. */
  public enum Outcome {
    /** Room was made by verification, spilling or borrowing; the request went on. */
    RELIEVED,
    /** The request waited and went on. */
    WAITED,
    /** The request waited in vain and was refused. */
    TIMED_OUT,
    /** The request was refused. */
    REJECTED,
    /** The call that held the most was ended. */
    CANCELLED,
    /** The request went on over the bound, as the mode says. */
    OBSERVED
  }
}
