package io.nodedb.mem;

import java.util.concurrent.Callable;

/**
 * What a governor does beyond its public contract; the statics of this package call it. Implemented
 * by the agent, not by applications.
 */
public abstract class GovernorSupport implements MemoryGovernor {
  /** For the runtime. */
  protected GovernorSupport() {}

  /**
   * Implements {@link EngineScope#open}.
   *
   * @param engine the engine to charge
   * @return the open scope
   */
  protected abstract EngineScope openScope(String engine);

  /**
   * Implements {@link EngineScope#wrap(Runnable)}.
   *
   * @param task what to run
   * @return the task in the scope that is open now
   */
  protected abstract Runnable wrapInScope(Runnable task);

  /**
   * Implements {@link EngineScope#wrap(Callable)}.
   *
   * @param <T> the task's result
   * @param task what to call
   * @return the task in the scope that is open now
   */
  protected abstract <T> Callable<T> wrapInScope(Callable<T> task);
}
