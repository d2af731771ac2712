package io.nodedb.mem;

import java.util.Locale;

/**
 * A request was refused because it would have passed a bound. Nothing was allocated and no counter
 * changed. The message names the engine, the figures in bytes and human units, and the setting that
 * would change the outcome.
 */
public class BudgetExceededException extends MemoryBudgetException {
  private static final long serialVersionUID = 1L;

  /** Which bound a request ran into. */
  public enum Bound {
    /** The engine's own limit. */
    ENGINE,
    /** The ceiling over all engines. */
    CEILING,
    /** The ceiling over all engines' heap. */
    HEAP_CEILING,
    /** The budget of one call, see {@link EngineBudget#perCall()}. */
    PER_CALL,
    /** The budget over all mapped windows, and every window is pinned. */
    MAPPING
  }

  /** The engine whose request was refused. */
  private final String engine;

  /** Bytes asked for. */
  private final long requested;

  /** Bytes there were room for. */
  private final long available;

  /** The bound's value. */
  private final long limit;

  /** The bound. */
  private final Bound bound;

  /**
   * Makes one.
   *
   * @param engine the engine whose request was refused
   * @param requested bytes asked for; 0 if the engine was over its bound already
   * @param available bytes there were room for
   * @param limit the bound's value in bytes
   * @param bound which bound
   */
  public BudgetExceededException(
      String engine, long requested, long available, long limit, Bound bound) {
    this(engine, requested, available, limit, bound, limit);
  }

  /**
   * Makes one for an engine whose limit rebalancing has moved.
   *
   * @param engine the engine whose request was refused
   * @param requested bytes asked for; 0 if the engine was over its bound already
   * @param available bytes there were room for
   * @param limit the bound's value in bytes
   * @param bound which bound
   * @param configured the bound's value as configured or set, in bytes
   */
  public BudgetExceededException(
      String engine,
      long requested,
      long available,
      long limit,
      Bound bound,
      long configured) {
    super(message(engine, requested, available, limit, bound, configured));
    this.engine = engine;
    this.requested = requested;
    this.available = available;
    this.limit = limit;
    this.bound = bound;
  }

  /** With a message of its own. */
  BudgetExceededException(
      String message, String engine, long requested, long available, long limit, Bound bound) {
    super(message);
    this.engine = engine;
    this.requested = requested;
    this.available = available;
    this.limit = limit;
    this.bound = bound;
  }

  /**
   * The engine whose request was refused.
   *
   * @return its name
   */
  public String engine() {
    return engine;
  }

  /**
   * What was asked for.
   *
   * @return bytes
   */
  public long requested() {
    return requested;
  }

  /**
   * What there was room for.
   *
   * @return bytes, 0 or more
   */
  public long available() {
    return available;
  }

  /**
   * The value of the bound.
   *
   * @return bytes
   */
  public long limit() {
    return limit;
  }

  /**
   * Which bound it was.
   *
   * @return the bound
   */
  public Bound bound() {
    return bound;
  }

  private static String message(
      String engine, long requested, long available, long limit, Bound bound, long configured) {
    String moved =
        limit == configured
            ? ""
            : " = " + size(configured) + ", " + size(Math.abs(limit - configured))
                + (limit < configured ? " lent to other engines" : " borrowed from idle engines");
    String what =
        switch (bound) {
          case ENGINE ->
              "its limit of " + size(limit) + " (setting: engines." + engine + ".limit" + moved
                  + ")";
          case CEILING -> "the process ceiling of " + size(limit) + " (setting: ceiling)";
          case HEAP_CEILING -> "the heap ceiling of " + size(limit) + " (setting: heap-ceiling)";
          case PER_CALL -> "the call's budget of " + size(limit) + " (setting: perCall)";
          case MAPPING -> "the mapping budget of " + size(limit) + " (setting: mmap.budget)";
        };
    return "engine '" + engine + "': " + size(requested) + " requested, " + size(available)
        + " available within " + what;
  }

  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return bytes + " B (" + String.format(Locale.ROOT, "%.1f ", value) + units[unit] + ")";
  }
}
