package io.nodedb.mem.sample.workload;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** What went wrong first. Thread-safe. */
public final class Failures {
  private final AtomicReference<String> first = new AtomicReference<>();
  private final CountDownLatch any = new CountDownLatch(1);

  /** Makes one without a failure. */
  public Failures() {}

  /**
   * Adds a failure; later ones are forgotten.
   *
   * @param reason one line
   */
  public void add(String reason) {
    first.compareAndSet(null, reason.lines().findFirst().orElse("unknown"));
    any.countDown();
  }

  /**
   * The first failure.
   *
   * @return one line, or null if there is none
   */
  public String first() {
    return first.get();
  }

  /**
   * Waits for a failure.
   *
   * @param millis how long at most
   * @return whether there is one
   * @throws InterruptedException if the thread is interrupted
   */
  public boolean await(long millis) throws InterruptedException {
    return any.await(millis, TimeUnit.MILLISECONDS);
  }
}
