package io.nodedb.mem;

/**
 * An overflow region could not do what was asked: the region is full or closed, the slot is unknown,
 * freed or another region's, the directory is locked by another writer, the disk is full, or a file
 * is damaged. The message names what, where (file and offset if it is about a file), the value and
 * the remedy.
 */
public class OverflowException extends MemoryBudgetException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message one line: what, where, value, remedy
   */
  public OverflowException(String message) {
    super(message);
  }

  /**
   * Makes one with a cause.
   *
   * @param message one line: what, where, value, remedy
   * @param cause what led to it
   */
  public OverflowException(String message, Throwable cause) {
    super(message, cause);
  }
}
