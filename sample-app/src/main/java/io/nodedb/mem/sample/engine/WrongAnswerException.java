package io.nodedb.mem.sample.engine;

/** An engine's answer differs from what a plain computation gives. */
public class WrongAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message the engine, the request, and both answers
   */
  public WrongAnswerException(String message) {
    super(message);
  }
}
