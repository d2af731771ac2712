package io.nodedb.mem.runtime;

import io.nodedb.mem.instrument.JdkTransformer;
import io.nodedb.mem.instrument.Reporter;
import java.lang.instrument.Instrumentation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Has the JDK's own classes rewritten when the first scope is about to exist: an application without
 * scopes does not pay for it at its start. Thread-safe.
 *
 * <p>On a thread of its own, because the first scope is most often met inside a transformer, where the
 * JVM lets no other work. Whoever met it waits, so that its first hand-over is followed already; not for
 * ever, as it may hold any lock of a class loader.
 */
final class JdkClasses {
  private static final long PATIENCE_SECONDS = 10;

  private final Instrumentation instrumentation;
  private final Reporter reporter;
  private final int referenceShift;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean done;

  /** Guarded by this. */
  private Thread worker;

  JdkClasses(Instrumentation instrumentation, Reporter reporter)
      throws ReflectiveOperationException {
    this.instrumentation = instrumentation;
    this.reporter = reporter;
    this.referenceShift = VmLayout.referenceShift();
  }

  /** Returns once the classes are rewritten, or it takes too long. One read after the first time. */
  void ensure() {
    if (done) {
      return;
    }
    start();
    try {
      finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    done = true;
  }

  private synchronized void start() {
    if (worker == null) {
      worker =
          Thread.ofPlatform()
              .name("nodedb-mem-jdk")
              .daemon()
              .inheritInheritableThreadLocals(false)
              .unstarted(this::install);
      worker.setContextClassLoader(null);
      worker.start();
    }
  }

  private void install() {
    try {
      new JdkTransformer(referenceShift, reporter).install(instrumentation);
    } finally {
      finished.countDown();
    }
  }
}
