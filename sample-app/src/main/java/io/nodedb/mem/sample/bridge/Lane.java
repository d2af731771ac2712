package io.nodedb.mem.sample.bridge;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Hands requests to one engine and runs them on threads of its own. At most {@link #CAPACITY}
 * requests wait; the bytes of each are reserved in the bridge's budget until it is answered.
 * Thread-safe.
 */
public final class Lane implements AutoCloseable {
  private static final int CAPACITY = 64;

  /** What a call and its place in the queue take beside the request's bytes, roughly. */
  private static final int OVERHEAD = 160;

  private final Engine engine;
  private final int nice;
  private final Meter waits;
  private final BlockingQueue<Call> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final List<Thread> workers = new ArrayList<>();
  private volatile boolean closed;

  /**
   * Starts a lane.
   *
   * @param engine who executes
   * @param threads on how many threads
   * @param nice how much others' threads come first, 0 to 19
   * @param waits gets the time that each request waits for its turn
   */
  public Lane(Engine engine, int threads, int nice, Meter waits) {
    this.engine = engine;
    this.nice = nice;
    this.waits = waits;
    for (int i = 0; i < threads; i++) {
      workers.add(Thread.ofPlatform().name(engine.name() + "-" + i).daemon().start(this::work));
    }
  }

  /**
   * Hands a request over; waits while the queue is full.
   *
   * @param request the request
   * @return the call
   * @throws io.nodedb.mem.BudgetExceededException if the bridge has no room for it
   * @throws InterruptedException if the thread is interrupted
   */
  public Call submit(byte[] request) throws InterruptedException {
    Reservation reservation =
        MemoryGovernor.get().reserve(Engines.BRIDGE, request.length + OVERHEAD);
    Call call = new Call(request, reservation);
    boolean queued = false;
    try {
      queue.put(call);
      queued = true;
    } finally {
      if (!queued) {
        reservation.close();
      }
    }
    return call;
  }

  /**
   * Lets others' threads come before the calling one as before the lane's own: for a thread that sends
   * requests, as making them is work too.
   */
  public void lowerSender() {
    Niceness.set(nice);
  }

  private void work() {
    try {
      Niceness.set(nice);
      while (!closed) {
        Call call = queue.take();
        waits.done(System.nanoTime() - call.handedOver());
        Throwable failure = null;
        try {
          engine.execute(call.request());
        } catch (Throwable e) {
          failure = e; // whatever it is, the client waits for it and judges it
        } finally {
          call.finish(failure);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the workers; to be called when no client waits any more. */
  @Override
  public void close() {
    closed = true;
    workers.forEach(Thread::interrupt);
  }
}
