package io.nodedb.mem.governor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Threads that wait for room. Whoever releases bytes offers them to the waiters in the order of
 * their arrival; one that does not fit is passed over, so a large request never blocks smaller ones,
 * and one that fits cannot be overtaken by a later waiter.
 *
 * <p>No wake-up is lost: a waiter is counted before it tries for the last time, a release lowers the
 * counters before it looks at the count. An attempt may itself release (what leases held, or bytes
 * the ceiling refused after all); that is a wake-up within an offer, and makes it go round again.
 */
final class WaitQueue {
  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(500);

  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    final BooleanSupplier attempt;
    volatile boolean granted;

    Waiter(BooleanSupplier attempt) {
      this.attempt = attempt;
    }
  }

  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Waiter> waiters = new ArrayList<>();
  private volatile int count;

  /** Guarded by the lock: an attempt gave bytes back, so waiters passed over may fit now. */
  private boolean again;

  WaitQueue(LongSupplier clock) {
    this.clock = clock;
  }

  int size() {
    return count;
  }

  /**
   * Waits until an attempt succeeds.
   *
   * @param attempt tries to charge; must not block; called by this thread or by one that releases
   * @param nanos how long at most
   * @param meanwhile run by this thread now and then while it waits, with no lock held
   * @return whether it succeeded; false also if the thread was interrupted, which it still is then
   */
  boolean await(BooleanSupplier attempt, long nanos, Runnable meanwhile) {
    long deadline = clock.getAsLong() + nanos;
    Waiter me = new Waiter(attempt);
    try {
      return join(me) || await(me, deadline, nanos, meanwhile) || withdraw(me);
    } catch (Throwable e) {
      // Whatever ends a wait, a stack overflow say, no waiter stays behind to be granted what
      // nobody would give back.
      if (withdraw(me)) {
        return true;
      }
      throw e;
    }
  }

  /**
   * Lines up, and tries for the last time when those before have: bytes may have been released that
   * they have not been offered yet.
   */
  private boolean join(Waiter me) {
    lock.lock();
    try {
      waiters.add(me);
      count = waiters.size();
      offer();
      if (me.granted) {
        remove(me);
      }
      return me.granted;
    } finally {
      lock.unlock();
    }
  }

  /** False in any case: what came of it is known when the waiter is withdrawn. */
  private boolean await(Waiter me, long deadline, long nanos, Runnable meanwhile) {
    long left = nanos;
    long next = clock.getAsLong() + SLICE;
    while (!me.granted && left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, Math.min(left, SLICE));
      left = deadline - clock.getAsLong();
      if (!me.granted && left > 0 && clock.getAsLong() >= next) {
        meanwhile.run();
        next = clock.getAsLong() + SLICE;
        left = deadline - clock.getAsLong();
      }
    }
    return false;
  }

  void wake() {
    if (count == 0) {
      return;
    }
    if (lock.isHeldByCurrentThread()) {
      again = true;
      return;
    }
    lock.lock();
    try {
      offer();
    } finally {
      lock.unlock();
    }
  }

  private void offer() {
    do {
      again = false;
      for (Waiter w : waiters) {
        if (!w.granted && w.attempt.getAsBoolean()) {
          w.granted = true;
          LockSupport.unpark(w.thread);
        }
      }
    } while (again);
  }

  private boolean withdraw(Waiter waiter) {
    lock.lock();
    try {
      remove(waiter);
      return waiter.granted;
    } finally {
      lock.unlock();
    }
  }

  private void remove(Waiter waiter) {
    waiters.remove(waiter);
    count = waiters.size();
  }
}
