package io.nodedb.mem.offheap;

import io.nodedb.mem.governor.Account;

/** One engine's native memory: its budget, its arenas, its ledger. */
final class EngineMemory {
  final Account account;
  final EngineArenas arenas;
  final NativeLedger ledger;
  final EngineHeap heap;

  EngineMemory(Account account, Admission admission, NativeHeap allocator, int nodes) {
    this.account = account;
    this.arenas = new EngineArenas(allocator, nodes);
    this.ledger = new NativeLedger(account, admission, allocator, arenas::charged);
    this.heap = EngineHeap.ofEngine(ledger);
  }
}
