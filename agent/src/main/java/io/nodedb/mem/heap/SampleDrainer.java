package io.nodedb.mem.heap;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.function.Consumer;

/** The thread that gives back what the collector cleared, whether or not anybody asks. */
final class SampleDrainer implements AutoCloseable {
  /** It charges what threads with little stack left to it at least this often. */
  private static final long DRAIN_MILLIS = 50;

  private final ReferenceQueue<Object> queue;
  private final Consumer<Reference<?>> drain;
  private volatile Thread thread;

  /**
   * A thread that does not run yet.
   *
   * @param queue where the JVM puts what was cleared
   * @param drain takes one reference of it, or null, and whatever else there is
   */
  SampleDrainer(ReferenceQueue<Object> queue, Consumer<Reference<?>> drain) {
    this.queue = queue;
    this.drain = drain;
  }

  void start() {
    Thread started =
        Thread.ofPlatform()
            .name("nodedb-mem-heap")
            .daemon()
            .inheritInheritableThreadLocals(false)
            .unstarted(this::drainForever);
    started.setContextClassLoader(null);
    thread = started;
    started.start();
  }

  @Override
  public void close() {
    Thread running = thread;
    thread = null;
    if (running != null) {
      running.interrupt();
    }
  }

  private void drainForever() {
    while (thread == Thread.currentThread()) {
      try {
        drain.accept(queue.remove(DRAIN_MILLIS));
      } catch (InterruptedException e) {
        return;
      } catch (Throwable e) {
        // Out of memory, most likely. What was missed is found by the next look at every sample.
        continue;
      }
    }
  }
}
