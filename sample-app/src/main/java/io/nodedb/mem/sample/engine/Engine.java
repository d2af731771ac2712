package io.nodedb.mem.sample.engine;

import java.io.IOException;
import java.util.SplittableRandom;

/**
 * One engine of the database. A request is made on a client's thread, carried by the bridge as plain
 * bytes, and executed on one of the engine's own threads.
 *
 * <p>{@link #load} comes first and alone; {@link #request}, {@link #execute} and {@link #over} may
 * then be called by any number of threads; {@link #verify} and {@link #close} come last, when no
 * request runs any more.
 */
public interface Engine extends AutoCloseable {
  /**
   * The engine's name as its budget has it.
   *
   * @return one of {@link io.nodedb.mem.Engines}
   */
  String name();

  /**
   * Reads or makes the engine's data.
   *
   * @throws Exception if that fails
   */
  void load() throws Exception;

  /**
   * Makes one request.
   *
   * @param random the client's own source of choices
   * @return the request as it travels; whatever becomes of it, the caller hands it to {@link #over}
   */
  byte[] request(SplittableRandom random);

  /**
   * Tells that a request is over: executed, failed, refused before it began, or never handed over. To
   * be called once for each, by whoever made it: {@link #execute} may be refused before its first
   * statement.
   *
   * @param request what {@link #request} returned
   */
  default void over(byte[] request) {}

  /**
   * Executes one request and checks its answer.
   *
   * @param request what {@link #request} returned
   * @throws io.nodedb.mem.BudgetExceededException perhaps as a cause: refused, and the engine is as
   *     it was
   * @throws WrongAnswerException if the answer is not what a plain computation gives
   * @throws Exception if it fails otherwise
   */
  void execute(byte[] request) throws Exception;

  /** Cuts requests short that are being executed; they may fail from now on. Does not wait. */
  default void cancel() {}

  /**
   * Checks everything the engine holds.
   *
   * @return what was checked, in a few words
   * @throws WrongAnswerException if something is wrong
   * @throws Exception if the check could not be made
   */
  String verify() throws Exception;

  /**
   * Gives back what the engine holds.
   *
   * @throws IOException if that fails
   */
  @Override
  void close() throws IOException;
}
