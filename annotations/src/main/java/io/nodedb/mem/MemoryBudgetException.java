package io.nodedb.mem;

/** Base of everything the budgets throw. Unchecked: any allocation may be refused. */
public class MemoryBudgetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message one line: what, value, limit, remedy
   */
  public MemoryBudgetException(String message) {
    super(message);
  }

  /**
   * Makes one with a cause.
   *
   * @param message one line: what, value, limit, remedy
   * @param cause what led to it
   */
  public MemoryBudgetException(String message, Throwable cause) {
    super(message, cause);
  }
}
