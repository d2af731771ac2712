package io.nodedb.mem.audit;

import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;

/**
 * One ledger compared with something else.
 *
 * @param engine the engine; null for all together
 * @param ledger which ledger
 * @param charged what the ledger says, in bytes
 * @param measured what the other says, in bytes
 * @param tolerance how far they may lie apart, in bytes
 * @param measure what the other is, in a few words
 * @param heals whether the ledger is to follow the other
 */
record Finding(
    Engine engine,
    LedgerKind ledger,
    long charged,
    long measured,
    long tolerance,
    String measure,
    boolean heals) {
  /** Bytes that the ledger has too much; negative if too few; 0 if within the tolerance. */
  long drift() {
    long apart = charged - measured;
    return Math.abs(apart) > tolerance ? apart : 0;
  }

  String who() {
    return engine == null ? "global" : engine.engine();
  }

  /** The same comparison at another audit has the same key. */
  String key() {
    return who() + " " + ledger + " " + measure;
  }
}
