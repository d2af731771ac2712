package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.LedgerKind;
import java.util.concurrent.atomic.AtomicLong;

/** An account without a limit that keeps count. */
class CountingAccount implements Account {
  final AtomicLong used = new AtomicLong();
  final AtomicLong overReleased = new AtomicLong();
  private final String engine;

  CountingAccount(String engine) {
    this.engine = engine;
  }

  @Override
  public String engine() {
    return engine;
  }

  @Override
  public void admit(LedgerKind kind, long bytes) {
    charge(kind, bytes);
  }

  @Override
  public boolean tryAdmit(LedgerKind kind, long bytes) {
    charge(kind, bytes);
    return true;
  }

  @Override
  public void charge(LedgerKind kind, long bytes) {
    used.addAndGet(bytes);
  }

  @Override
  public void release(LedgerKind kind, long bytes) {
    if (used.addAndGet(-bytes) < 0) {
      overReleased.incrementAndGet();
    }
  }

  @Override
  public long used(LedgerKind kind) {
    return used.get();
  }
}
