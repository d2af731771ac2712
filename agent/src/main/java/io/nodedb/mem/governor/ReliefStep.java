package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;

/**
 * One step of the breach order: verify, spill, borrow. Steps are tried in order; after each the
 * request is tried again. Called on the breaching thread with no lock held; may block for a bounded
 * time.
 */
@FunctionalInterface
public interface ReliefStep {
  /**
   * Tries to make room.
   *
   * @param engine the engine in breach
   * @param missing bytes that would let the request through
   * @param bound the bound it met
   * @return whether this step ruled garbage out
   */
  boolean relieve(Engine engine, long missing, Bound bound);
}
