package io.nodedb.mem;

/**
 * Bytes of an engine's budget, held until {@link #close()}. Exact: the bytes are the program's own
 * statement of what it keeps. Thread-safe; may be closed by another thread than the one that made it.
 */
public interface Reservation extends AutoCloseable {
  /**
   * The engine that is charged.
   *
   * @return its name
   */
  String engine();

  /**
   * The bytes held now.
   *
   * @return bytes, 0 after {@link #close()}
   */
  long bytes();

  /**
   * Grows or shrinks the reservation. Growth is admitted as a reservation of the difference is; when
   * it is refused this reservation is unchanged.
   *
   * @param bytes the new size, 0 or more
   * @throws BudgetExceededException if the growth is refused
   * @throws IllegalStateException if closed
   */
  void resize(long bytes);

  /**
   * Moves the bytes to another engine's budget: admitted there, then released here. When the other
   * engine refuses, nothing has changed. The ceiling is not asked: the total stays the same.
   *
   * @param engine the engine to charge from now on
   * @throws BudgetExceededException if that engine has no room
   * @throws UnknownEngineException if there is no such engine
   * @throws IllegalStateException if closed
   */
  void transferTo(String engine);

  /** Gives the bytes back. Closing twice does nothing. */
  @Override
  void close();
}
