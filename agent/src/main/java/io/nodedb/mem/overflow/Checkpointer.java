package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Makes checkpoints: when asked, when the log has grown by so much, or when the last is so old and
 * anything changed since. One thread; requests that arrive while it works share the next one.
 */
final class Checkpointer implements Runnable {
  /** Does the work, without the region's lock. */
  interface Maker {
    /** Makes a checkpoint; returns the number of its last log record. */
    long make() throws IOException;
  }

  private final RegionFiles files;
  private final Maker maker;
  private final LongSupplier nanos;
  private final long logBytes;
  private final long ageNanos;
  private final ReentrantLock lock;
  private final Condition work;
  private final Condition done;
  private final Committer committer;

  // Guarded by lock.
  private long lastNanos;
  private long lastLsn;
  private long requested;
  private long served;
  private Exception failure;
  private boolean retryLater;
  private boolean stopped;

  Checkpointer(
      RegionFiles files, Maker maker, LongSupplier nanos, long logBytes, long ageNanos,
      ReentrantLock lock, Committer committer, long lastLsn) {
    this.files = files;
    this.maker = maker;
    this.nanos = nanos;
    this.logBytes = logBytes;
    this.ageNanos = ageNanos;
    this.lock = lock;
    this.work = lock.newCondition();
    this.done = lock.newCondition();
    this.committer = committer;
    this.lastNanos = nanos.getAsLong();
    this.lastLsn = lastLsn;
  }

  /** Whether size or age ask for a checkpoint now. Holds the region's lock. */
  boolean due() {
    return changed()
        && (committer.logBytes() >= logBytes && !retryLater
            || nanos.getAsLong() - lastNanos >= ageNanos);
  }

  /** Whether anything was appended since the last checkpoint. Holds the region's lock. */
  boolean changed() {
    return committer.lastLsn() > lastLsn;
  }

  /** After an append, holding the region's lock: wakes the thread if the log is long enough. */
  void appended() {
    if (committer.logBytes() >= logBytes && !retryLater) {
      work.signal();
    }
  }

  /** Looks at the clock again: for tests with a clock of their own. */
  void poke() {
    lock.lock();
    try {
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Runs a step during which no checkpoint begins: for tests that ask whether one is due. */
  void still(Runnable step) {
    lock.lock();
    try {
      step.run();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a checkpoint and waits for it. Holds the region's lock when called and when it returns,
   * but not meanwhile.
   *
   * @throws OverflowException if it could not be made
   */
  void force() {
    long ticket = ++requested;
    work.signal();
    while (served < ticket && !stopped) {
      done.awaitUninterruptibly();
    }
    if (served < ticket) {
      throw new OverflowException(
          "overflow: region " + files.directory + " was closed before the checkpoint was made");
    }
    if (failure instanceof IOException e) {
      throw files.failed("making a checkpoint", e);
    } else if (failure != null) {
      throw new OverflowException(
          "overflow: making a checkpoint failed in region " + files.directory + ": "
              + failure.getMessage(),
          failure);
    }
  }

  @Override
  public void run() {
    lock.lock();
    try {
      while (!stopped) {
        if (requested > served || due()) {
          makeOne();
        } else {
          work.awaitNanos(nanosToAge());
        }
      }
    } catch (InterruptedException e) {
      stopped = true; // nobody interrupts this thread; if somebody does, it ends
    } finally {
      stopped = true;
      done.signalAll();
      lock.unlock();
    }
  }

  private long nanosToAge() {
    return changed()
        ? Math.max(1, ageNanos - (nanos.getAsLong() - lastNanos))
        : ageNanos;
  }

  private void makeOne() {
    long ticket = requested;
    long lsn = lastLsn;
    Exception failed = null;
    lock.unlock();
    try {
      lsn = maker.make();
    } catch (IOException | RuntimeException e) {
      failed = e;
    } finally {
      lock.lock();
    }
    lastNanos = nanos.getAsLong();
    failure = failed;
    served = ticket;
    // A long log would ask again at once, and again: after a failure only age and callers do.
    retryLater = failed != null;
    lastLsn = lsn;
    done.signalAll();
  }

  void stop() {
    lock.lock();
    try {
      stopped = true;
      work.signalAll();
      done.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
