package io.nodedb.mem.offheap;

import io.nodedb.mem.governor.Account;
import java.util.concurrent.atomic.AtomicLong;

/** One engine's native memory: its budget, its arenas, its ledger. */
final class EngineMemory {
  final Account account;
  final EngineArenas arenas;
  final NativeLedger ledger;
  final EngineHeap heap;

  /** What calls that are under way on pinned threads are expected to take. */
  final AtomicLong expected = new AtomicLong();

  /** What calls on pinned threads took, at most, since the arenas were last looked at. */
  final AtomicLong unseen = new AtomicLong();

  EngineMemory(Account account, Admission admission, NativeHeap allocator, int nodes) {
    this.account = account;
    this.arenas = new EngineArenas(allocator, nodes);
    this.ledger = new NativeLedger(account, admission, allocator, arenas::charged);
    this.heap = EngineHeap.ofEngine(ledger);
  }
}
