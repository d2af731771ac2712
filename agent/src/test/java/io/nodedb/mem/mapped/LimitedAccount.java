package io.nodedb.mem.mapped;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.LedgerKind;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An account with a limit that remembers its peak and how often the breach order was begun. */
final class LimitedAccount implements Account {
  private final String engine;
  private final long limit;
  final AtomicLong used = new AtomicLong();
  final AtomicLong peak = new AtomicLong();
  final AtomicInteger breaches = new AtomicInteger();

  LimitedAccount(String engine, long limit) {
    this.engine = engine;
    this.limit = limit;
  }

  @Override
  public String engine() {
    return engine;
  }

  @Override
  public void admit(LedgerKind kind, long bytes) {
    if (!tryAdmit(kind, bytes)) {
      breaches.incrementAndGet();
      throw new BudgetExceededException(
          engine, bytes, limit - used.get(), limit, BudgetExceededException.Bound.ENGINE);
    }
  }

  @Override
  public boolean tryAdmit(LedgerKind kind, long bytes) {
    long now;
    do {
      now = used.get();
      if (now + bytes > limit) {
        return false;
      }
    } while (!used.compareAndSet(now, now + bytes));
    peak.accumulateAndGet(now + bytes, Math::max);
    return true;
  }

  @Override
  public void charge(LedgerKind kind, long bytes) {
    used.addAndGet(bytes);
  }

  @Override
  public void release(LedgerKind kind, long bytes) {
    if (used.addAndGet(-bytes) < 0) {
      throw new AssertionError("released more than was charged: " + bytes);
    }
  }

  @Override
  public long used(LedgerKind kind) {
    return used.get();
  }
}
