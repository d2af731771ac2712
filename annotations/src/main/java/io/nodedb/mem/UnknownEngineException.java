package io.nodedb.mem;

import java.util.Collection;

/** A call named an engine that has no budget. */
public class UnknownEngineException extends MemoryBudgetException {
  private static final long serialVersionUID = 1L;

  /** The name that was asked for. */
  private final String engine;

  /**
   * Makes one.
   *
   * @param engine the name that was asked for
   * @param known the names there are
   */
  public UnknownEngineException(String engine, Collection<String> known) {
    super(
        "unknown engine '" + engine + "' (known: " + String.join(", ", known)
            + "); add engines." + engine + " to the configuration");
    this.engine = engine;
  }

  /**
   * The name that was asked for.
   *
   * @return the name
   */
  public String engine() {
    return engine;
  }
}
