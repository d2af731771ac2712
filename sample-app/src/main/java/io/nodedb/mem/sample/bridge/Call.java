package io.nodedb.mem.sample.bridge;

import io.nodedb.mem.Reservation;
import java.util.concurrent.CountDownLatch;

/** One request on its way to an engine and back. */
public final class Call {
  private final byte[] request;
  private final Reservation reservation;
  private final CountDownLatch finished = new CountDownLatch(1);
  private final long handedOver = System.nanoTime();

  /** Written by the worker before it opens the latch, read after that: the latch publishes it. */
  private Throwable failure;

  Call(byte[] request, Reservation reservation) {
    this.request = request;
    this.reservation = reservation;
  }

  byte[] request() {
    return request;
  }

  long handedOver() {
    return handedOver;
  }

  void finish(Throwable thrown) {
    failure = thrown;
    reservation.close();
    finished.countDown();
  }

  /**
   * Waits for the end.
   *
   * @return what the engine threw, or null if the request was answered
   * @throws InterruptedException if the thread is interrupted
   */
  public Throwable await() throws InterruptedException {
    finished.await();
    return failure;
  }
}
