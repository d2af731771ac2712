package io.nodedb.mem.sample.engine;

/** Looks for an exception below the ones that libraries wrap around it. */
public final class Causes {
  /** Deep enough for every library here, and an end to cycles. */
  private static final int MAX_DEPTH = 32;

  private Causes() {}

  /**
   * Whether an exception, or one of its causes, is of a type. Allocates nothing.
   *
   * @param thrown where the chain starts, or null
   * @param type what to look for
   * @return true if it is there
   */
  public static boolean has(Throwable thrown, Class<? extends Throwable> type) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (type.isInstance(cause)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
