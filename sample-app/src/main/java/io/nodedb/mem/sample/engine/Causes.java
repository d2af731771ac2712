package io.nodedb.mem.sample.engine;

import java.util.Optional;

/** Looks for an exception below the ones that libraries wrap around it. */
public final class Causes {
  /** Deep enough for every library here, and an end to cycles. */
  private static final int MAX_DEPTH = 32;

  private Causes() {}

  /**
   * The first exception of a type in a chain of causes. Allocates nothing but the result.
   *
   * @param <T> the type
   * @param thrown where the chain starts
   * @param type what to look for
   * @return the exception, or empty
   */
  public static <T extends Throwable> Optional<T> find(Throwable thrown, Class<T> type) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }
}
