package io.nodedb.mem.governor;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The governor's daemon thread: evaluates pressure after unconditional charges, whose callers may
 * not take a lock, collects leaked reservations, moves idle budget, and does what others ask for once a
 * second.
 *
 * <p>A wake-up is a flag and an unpark; a hundred thousand in a second are one evaluation for each
 * time the thread gets to run.
 */
final class Housekeeper implements Runnable {
  private static final long IDLE = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long RETIRE = TimeUnit.SECONDS.toNanos(30);

  private final Governor governor;
  private final long idle;
  private final Thread thread;
  private final List<Runnable> chores = new CopyOnWriteArrayList<>();
  private volatile boolean dirty;
  private volatile boolean stopped;

  /** Used by the thread alone, as are the next two. */
  private long retired;

  private long choresDone;

  Housekeeper(Governor governor) {
    this.governor = governor;
    this.idle = Math.min(IDLE, governor.rebalancer().intervalNanos());
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("nodedb-mem-governor")
            .unstarted(this);
    this.retired = governor.clock().getAsLong();
    this.choresDone = retired;
  }

  /** What is done about once a second from now on; must not block. */
  void everySecond(Runnable chore) {
    chores.add(chore);
  }

  void start() {
    thread.start();
  }

  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  void wake() {
    if (!dirty) {
      dirty = true;
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void run() {
    Failsafe failsafe = new Failsafe(governor::problem);
    Runnable pass = this::pass;
    while (!stopped) {
      if (!dirty) {
        LockSupport.parkNanos(this, idle);
      }
      failsafe.run("a pass of the governor's background thread", pass);
    }
  }

  /** One round of what the thread does. */
  void pass() {
    if (dirty) {
      // Cleared before use is read, and only when seen set: a wake-up in between is not lost.
      dirty = false;
      for (Engine engine : governor.engines()) {
        engine.gauge.evaluate("charge");
      }
      governor.totals().gauge.evaluate("charge");
    }
    long now = governor.clock().getAsLong();
    if (now - retired >= RETIRE) {
      retired = now;
      governor.engines().forEach(e -> e.leases.retire());
    }
    governor.leaks().collect();
    governor.rebalancer().pass(now);
    if (now - choresDone >= SECOND) {
      choresDone = now;
      chores.forEach(Runnable::run);
    }
  }
}
