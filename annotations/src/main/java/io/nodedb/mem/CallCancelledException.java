package io.nodedb.mem;

/**
 * A call was ended because it held the most of an engine that stayed in {@link
 * PressureLevel#EMERGENCY}. Thrown by the call's own thread where it is looked at next, once. What
 * the call held is free as soon as it has unwound; the engine goes on.
 */
public class CallCancelledException extends BudgetExceededException {
  private static final long serialVersionUID = 1L;

  /** What the call held. */
  private final long held;

  /**
   * Makes one.
   *
   * @param engine the engine
   * @param held bytes that the call held
   * @param available bytes there were room for in the engine
   * @param limit the engine's limit in bytes
   */
  public CallCancelledException(String engine, long held, long available, long limit) {
    super(
        "engine '" + engine + "': call cancelled: it held " + size(held) + " of the engine's limit of "
            + size(limit) + ", more than any other, while pressure stayed EMERGENCY"
            + " (settings: guard.cancel-worst, engines." + engine + ".limit)",
        engine,
        0,
        available,
        limit,
        Bound.ENGINE);
    this.held = held;
  }

  /**
   * What the call held.
   *
   * @return bytes
   */
  public long held() {
    return held;
  }
}
