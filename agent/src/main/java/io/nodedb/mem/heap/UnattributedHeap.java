package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;

/**
 * Tells whoever lends budget, after collections, how much of the live heap no engine is charged for.
 * One thread at a time.
 */
final class UnattributedHeap {
  private final Governor governor;
  private final Collections collections;
  private final HeapLedger ledger;
  private long seen;

  UnattributedHeap(Governor governor, Collections collections, HeapLedger ledger) {
    this.governor = governor;
    this.collections = collections;
    this.ledger = ledger;
  }

  /** Looks again if a collection has ended since it last did. */
  void tick() {
    long ended = collections.count();
    if (ended == seen) {
      return;
    }
    seen = ended;
    long live = collections.usedAfter();
    // What the collection found dead is given back first, else it would hide what is nobody's.
    ledger.drain();
    for (Engine engine : governor.engines()) {
      live -= engine.used(LedgerKind.HEAP);
    }
    governor.rebalancer().unattributedHeap(Math.max(0, live));
  }
}
