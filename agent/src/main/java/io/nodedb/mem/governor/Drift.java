package io.nodedb.mem.governor;

/**
 * A ledger that did not agree with what it stands for, at two audits one after the other.
 *
 * @param engine the engine; {@code global} for all together
 * @param ledger which ledger
 * @param charged what the ledger said, in bytes
 * @param measured what was found instead, in bytes
 * @param healed bytes added to the ledger, negative for bytes taken from it; 0 if nothing was done
 * @param measure what it was compared with, in a few words
 */
public record Drift(
    String engine, LedgerKind ledger, long charged, long measured, long healed, String measure) {}
