package io.nodedb.mem.instrument;

/** A class that must stay as it is; the message is the reason as the user reads it. */
final class Unscopable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unscopable(String reason) {
    super(reason, null, false, false);
  }

  Unscopable(String reason, Throwable cause) {
    super(reason, cause);
  }
}
