package io.nodedb.mem.mapped;

import io.nodedb.mem.governor.Account;

/** Where the manager finds the account that pays for an engine's windows. */
@FunctionalInterface
public interface AccountSource {
  /** A source without accounts: only the manager's own budget bounds. */
  AccountSource NONE = engine -> null;

  /**
   * An engine's account.
   *
   * @param engine the engine
   * @return its account, or null if nobody is charged
   * @throws io.nodedb.mem.UnknownEngineException if there is no such engine
   */
  Account account(String engine);
}
