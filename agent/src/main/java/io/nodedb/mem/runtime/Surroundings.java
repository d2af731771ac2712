package io.nodedb.mem.runtime;

import io.nodedb.mem.config.ConfigWarmUp;
import io.nodedb.mem.config.Machine;

/**
 * Looks at the machine on another processor while API and hooks are defined, which takes about as
 * long, and then loads the classes that read a configuration. Uses no class of the API, which is not
 * there yet.
 */
final class Surroundings extends Thread {
  private volatile Machine machine;

  private Surroundings() {
    super(null, null, "nodedb-mem-start", 0, false);
    setDaemon(true);
  }

  static Surroundings look() {
    Surroundings looking = new Surroundings();
    looking.start();
    return looking;
  }

  @Override
  public void run() {
    synchronized (this) {
      machine = Machine.detect();
    }
    ConfigWarmUp.run();
  }

  /** What was found; looks itself if the thread could not, or has not begun. */
  synchronized Machine machine() {
    return machine == null ? Machine.detect() : machine;
  }
}
