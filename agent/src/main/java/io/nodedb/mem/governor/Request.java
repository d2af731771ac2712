package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;

/** What the breach order tries again and again. */
interface Request {
  /** Charges if there is room. Null, or the bound that refuses; nothing has changed then. */
  Bound attempt();

  /**
   * Asked when nothing more can be done: null if what there is will do after all, else the bound that
   * refuses.
   */
  default Bound last(Bound refused) {
    return refused;
  }

  /** Charges whatever the bounds. */
  void force();

  /** Charges on behalf of a spill handler, out of the engine's reserve. Whether that was enough. */
  default boolean draw() {
    return false;
  }

  /** What a call holds, where the bound is the call's. */
  default long callUsed() {
    return 0;
  }

  /** The call's bound. */
  default long callLimit() {
    return 0;
  }
}
