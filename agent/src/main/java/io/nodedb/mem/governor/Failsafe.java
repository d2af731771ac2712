package io.nodedb.mem.governor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Keeps what fails in the agent's own work from whoever called it, and tells of the first failure. A
 * background thread lives on with it: without the thread ledgers would stand still and limits no
 * longer hold. In a heap that is full even telling fails, as the line takes memory; the next failure
 * is told of then. Thread-safe.
 */
public final class Failsafe {
  private final Consumer<String> problems;
  private final AtomicBoolean told = new AtomicBoolean();

  /**
   * Nothing has failed yet.
   *
   * @param problems told, in one line
   */
  public Failsafe(Consumer<String> problems) {
    this.problems = problems;
  }

  /**
   * Does some work. Throws nothing, whatever becomes of it.
   *
   * @param what the work, for the line that tells of a failure
   * @param work does it
   */
  public void run(String what, Runnable work) {
    try {
      work.run();
    } catch (Throwable e) {
      failed(what, "", e);
    }
  }

  /**
   * Tells of a failure unless one has been told of. Throws nothing.
   *
   * @param what what failed
   * @param which whose class or name tells more
   * @param failure how
   */
  public void failed(String what, Object which, Throwable failure) {
    // No lock: whoever is told may write to a stream of the application's.
    if (!told.compareAndSet(false, true)) {
      return;
    }
    try {
      String name = which instanceof String text ? text : which.getClass().getName();
      problems.accept(what + (name.isEmpty() ? "" : " ") + name + " failed: " + failure);
    } catch (VirtualMachineError noRoomToTell) {
      told.set(false); // The next one is told of.
    }
  }
}
