package io.nodedb.mem.governor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The governor's daemon thread: evaluates pressure after unconditional charges, whose callers may
 * not take a lock, and collects leaked reservations.
 *
 * <p>A wake-up is a flag and an unpark; a hundred thousand in a second are one evaluation for each
 * time the thread gets to run.
 */
final class Housekeeper implements Runnable {
  private static final long IDLE = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long RETIRE = TimeUnit.SECONDS.toNanos(30);

  private final Governor governor;
  private final Thread thread;
  private volatile boolean dirty;
  private volatile boolean stopped;

  /** Used by the thread alone, as is the next. */
  private long retired;

  private boolean told;

  Housekeeper(Governor governor) {
    this.governor = governor;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("nodedb-mem-governor")
            .unstarted(this);
    this.retired = governor.clock().getAsLong();
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
    while (!stopped) {
      if (!dirty) {
        LockSupport.parkNanos(this, IDLE);
      }
      try {
        pass();
      } catch (Throwable e) {
        // Out of memory, most likely: the next pass may find some.
        if (!told) {
          told = true;
          governor.problem("a pass of the governor's background thread failed: " + e);
        }
      }
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
      governor.gauge().evaluate("charge");
    }
    long now = governor.clock().getAsLong();
    if (now - retired >= RETIRE) {
      retired = now;
      governor.engines().forEach(e -> e.leases.retire());
    }
    governor.leaks().collect();
  }
}
