package io.nodedb.mem.governor;

import io.nodedb.mem.PressureTransition;

/** What views hear of. Every method returns soon and does not throw. */
public interface GovernorListener {
  /**
   * A pressure level changed. Called in order, on a thread of the listener's own.
   *
   * @param transition the change
   */
  default void onTransition(PressureTransition transition) {}

  /**
   * A request met a bound. Called on the thread that made the request, so that a stack trace tells
   * who it was.
   *
   * @param breach the breach
   */
  default void onBreach(Breach breach) {}

  /**
   * More was released than was charged. At most once a minute for an engine.
   *
   * @param engine the engine
   * @param excess bytes over
   * @param count over-releases so far
   */
  default void onOverRelease(String engine, long excess, long count) {}

  /**
   * Reservations became unreachable without being closed; their bytes were released.
   *
   * @param engine the engine
   * @param bytes what was released
   * @param made where the reservations, or the first of a batch of small ones, were made
   */
  default void onLeak(String engine, long bytes, Throwable made) {}

  /**
   * A ledger did not agree with what it stands for.
   *
   * @param drift what was found, and done
   */
  default void onDrift(Drift drift) {}

  /**
   * A limit changed.
   *
   * @param engine the engine
   * @param before bytes
   * @param after bytes
   */
  default void onLimit(String engine, long before, long after) {}

  /**
   * Budget moved from one engine to another. On the thread that moved it.
   *
   * @param rebalance what moved, and why
   */
  default void onRebalance(Rebalance rebalance) {}
}
