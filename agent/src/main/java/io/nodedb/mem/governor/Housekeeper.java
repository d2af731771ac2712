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

  private final Governor governor;
  private final Thread thread;
  private volatile boolean dirty;
  private volatile boolean stopped;

  Housekeeper(Governor governor) {
    this.governor = governor;
    this.thread =
        Thread.ofPlatform().daemon().name("nodedb-mem-governor").unstarted(this);
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
      boolean charged = dirty;
      dirty = false;
      if (charged) {
        for (Engine engine : governor.engines()) {
          engine.gauge.evaluate("charge");
        }
        governor.gauge().evaluate("charge");
      }
      governor.leaks().collect();
    }
  }
}
