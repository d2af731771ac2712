package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;

/**
 * One step of the breach order: verify, spill, borrow. Steps are tried in order; after each the
 * request is tried again. Called on the breaching thread with no lock held; may block for a bounded
 * time.
 */
@FunctionalInterface
public interface ReliefStep {
  /** What a step does, in the order in which steps are tried. */
  enum Stage {
    /** Takes back what is dead already. */
    VERIFY,
    /** Has the engine's data moved elsewhere. */
    SPILL,
    /** Gives the engine budget that others leave idle. */
    BORROW
  }

  /**
   * Tries to make room.
   *
   * @param engine the engine in breach
   * @param missing bytes that would let the request through
   * @param bound the bound it met
   * @return whether this step ruled garbage out
   */
  boolean relieve(Engine engine, long missing, Bound bound);

  /**
   * Where in the order the step belongs; among those of one stage the first added comes first.
   *
   * @return the stage, always the same
   */
  default Stage stage() {
    return Stage.VERIFY;
  }

  /**
   * Whether calling it once more for the same request may make more room: asked when others took
   * what it made.
   *
   * @param engine the engine in breach
   * @param bound the bound that it meets still
   * @param ruledOut what {@link #relieve} returned
   * @return true to be called again
   */
  default boolean mayHelpAgain(Engine engine, Bound bound, boolean ruledOut) {
    return false;
  }

  /**
   * Tries to make room for a request that waits for it, and hears of it as it is released: must not
   * take longer than the wait may.
   *
   * @param engine the engine in breach
   * @param missing bytes that would let the request through
   * @param bound the bound it met
   * @return whether this step ruled garbage out
   */
  default boolean relieveWaiting(Engine engine, long missing, Bound bound) {
    return relieve(engine, missing, bound);
  }
}
