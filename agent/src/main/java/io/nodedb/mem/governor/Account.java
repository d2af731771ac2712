package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException;

/**
 * One engine's budget as a ledger sees it. Thread-safe. Amounts are bytes, 0 or more.
 *
 * <p>{@link #admit} and {@link #tryAdmit} are conditional and atomic: no interleaving passes the
 * engine's limit or the ceiling, and a refused request leaves every counter as it found it.
 * {@link #charge} is unconditional.
 */
public interface Account {
  /**
   * The engine.
   *
   * @return its name
   */
  String engine();

  /**
   * Charges bytes about to be allocated. At a breach it goes through the breach order (verify,
   * spill, borrow), then acts on the engine's mode, which may block.
   *
   * @param kind the ledger
   * @param bytes how many
   * @throws BudgetExceededException if refused
   */
  void admit(LedgerKind kind, long bytes);

  /**
   * Charges bytes if there is room right now.
   *
   * @param kind the ledger
   * @param bytes how many
   * @return whether they were charged
   */
  boolean tryAdmit(LedgerKind kind, long bytes);

  /**
   * Charges bytes that are allocated already.
   *
   * @param kind the ledger
   * @param bytes how many
   */
  void charge(LedgerKind kind, long bytes);

  /**
   * Gives bytes back. More than the ledger holds releases what there is and counts an over-release.
   *
   * @param kind the ledger
   * @param bytes how many
   */
  void release(LedgerKind kind, long bytes);

  /**
   * Bytes in one ledger.
   *
   * @param kind the ledger
   * @return bytes
   */
  long used(LedgerKind kind);

  /**
   * The limit.
   *
   * @return bytes
   */
  default long limit() {
    return Long.MAX_VALUE;
  }

  /**
   * How much a thread may admit ahead of its use at a time.
   *
   * @return bytes; 0 near a bound, and while somebody waits for room
   */
  default long mayHoldAhead() {
    return 0;
  }

  /**
   * Names what the native ledger holds ahead of use.
   *
   * @param held asked on any thread, with any lock of the governor's held: takes none of its own
   */
  default void nativeHeldAhead(HeldAhead held) {}
}
