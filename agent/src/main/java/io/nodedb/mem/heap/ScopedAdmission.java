package io.nodedb.mem.heap;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.ThreadTable;

/**
 * Admits to other ledgers than the heap's by the rules of heap gates: the mode of the scope that the
 * thread is in counts; nothing is refused in class initializers and the like, nor within the grace
 * after a refusal. Thread-safe.
 */
public final class ScopedAdmission {
  private final HeapScopes scopes;

  ScopedAdmission(HeapScopes scopes) {
    this.scopes = scopes;
  }

  /**
   * Charges a ledger with what has no room at first.
   *
   * @param engine whose budget
   * @param kind the ledger
   * @param bytes how many
   * @throws BudgetExceededException if refused; nothing has changed then
   */
  public void admit(Engine engine, LedgerKind kind, long bytes) {
    if (ThreadTable.current() instanceof EngineThread thread && thread.isIn(engine)) {
      thread.admit(kind, bytes);
    } else if (scopes.isFragileHere()) {
      engine.charge(kind, bytes);
    } else {
      engine.admit(kind, bytes);
    }
  }

  /**
   * Makes room for native memory that is about to be allocated unasked; charges nothing.
   *
   * @param engine whose budget
   * @param bytes how many
   * @throws BudgetExceededException if refused
   */
  public void requireRoom(Engine engine, long bytes) {
    if (engine.hasRoom(LedgerKind.NATIVE, bytes)) {
      return;
    }
    if (ThreadTable.current() instanceof EngineThread thread && thread.isIn(engine)) {
      thread.requireRoom(bytes);
    } else if (!scopes.isFragileHere()) {
      engine.requireRoom(LedgerKind.NATIVE, bytes, bytes, BreachMode.INHERIT);
    }
  }
}
