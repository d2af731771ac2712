package io.nodedb.mem.offheap;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.LedgerKind;

/** What happens to a request for which there is no room at first. Thread-safe. */
@FunctionalInterface
public interface Admission {
  /**
   * Charges the bytes, by the rules of the scope that the current thread is in.
   *
   * @param account whose budget
   * @param kind the ledger
   * @param bytes how many
   * @throws BudgetExceededException if refused; nothing has changed then
   */
  void admit(Account account, LedgerKind kind, long bytes);

  /**
   * Makes room for native memory that is about to be allocated unasked, by the same rules; charges nothing.
   *
   * @param account whose budget
   * @param bytes how many
   * @throws BudgetExceededException if refused
   */
  default void requireRoom(Account account, long bytes) {}
}
