package io.nodedb.mem.spill;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that run handlers, one call each: as many as there are calls under way, hung ones included,
 * so none waits for another. One stays ready once there was a first handler.
 */
final class SpillThreads extends ThreadPoolExecutor {
  SpillThreads() {
    super(
        1,
        Integer.MAX_VALUE,
        30,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task ->
            Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name("nodedb-mem-spill-handler")
                .unstarted(task));
  }
}
