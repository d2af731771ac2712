package io.nodedb.mem;

import java.util.concurrent.Callable;

/**
 * A scope opened by hand, where no method can be annotated:
 *
 * <pre>{@code
 * try (EngineScope _ = EngineScope.open(Engines.VECTOR)) {
 *   index.build();
 * }
 * }</pre>
 *
 * <p>To be closed by the thread that opened it, in reverse order of opening. Without the agent it
 * does nothing.
 */
public abstract class EngineScope implements AutoCloseable {
  /** For the runtime. */
  protected EngineScope() {}

  /**
   * Opens a scope on the current thread.
   *
   * @param engine the engine to charge
   * @return the open scope
   * @throws UnknownEngineException if the agent runs and knows no such engine
   */
  public static EngineScope open(String engine) {
    return Installed.governor.openScope(engine);
  }

  /**
   * A task that runs in the scope that is open now, whatever thread runs it.
   *
   * @param task what to run
   * @return the task in its scope; {@code task} itself where no scope is open
   */
  public static Runnable wrap(Runnable task) {
    return Installed.governor.wrapInScope(task);
  }

  /**
   * A task that runs in the scope that is open now, whatever thread runs it.
   *
   * @param <T> the task's result
   * @param task what to call
   * @return the task in its scope; {@code task} itself where no scope is open
   */
  public static <T> Callable<T> wrap(Callable<T> task) {
    return Installed.governor.wrapInScope(task);
  }

  /** Ends the scope and returns the thread to the one around it. Closing twice does nothing. */
  @Override
  public abstract void close();
}
