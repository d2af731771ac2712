package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Group commit. One thread forces data and log for everybody who appended since the last time; with
 * {@code SYNC} the appenders wait for it, with {@code ASYNC} it goes to work when the oldest record
 * has waited for the window. With {@code NONE} it writes without forcing.
 *
 * <p>Only this thread and the checkpointer do I/O on the channels: an application thread that is
 * interrupted would close them under everybody.
 *
 * <p>Locks: {@code io} before the region's lock. {@code io} is held over a whole group and over the
 * change to a new log; the region's lock never over a force, but for that change.
 */
final class Committer implements Runnable {
  private final RegionFiles files;
  private final UUID region;
  private final PayloadFile data;
  private final Durability durability;
  private final long windowNanos;
  private final ReentrantLock lock;
  private final ReentrantLock io = new ReentrantLock();
  private final Condition work;
  private final Condition done;

  // Guarded by lock.
  private DeltaLog log;
  private volatile long durableLsn; // read by tests without the lock
  private long logBytesBefore;
  private long pendingSince;
  private boolean pending;
  private int waiters;
  private long attempts;
  private IOException failure;
  private boolean broken;
  private boolean stopped;

  Committer(
      RegionFiles files, UUID region, PayloadFile data, Durability durability,
      long windowNanos, ReentrantLock lock, DeltaLog log, long replayed) {
    this.files = files;
    this.region = region;
    this.data = data;
    this.durability = durability;
    this.windowNanos = windowNanos;
    this.lock = lock;
    this.work = lock.newCondition();
    this.done = lock.newCondition();
    this.log = log;
    this.durableLsn = log.startLsn - 1;
    this.logBytesBefore = replayed * LogLayout.RECORD_SIZE;
  }

  // ---- called by appenders, which hold the region's lock

  /**
   * Waits until so many records can be appended. Gives up the lock while it waits, so the caller
   * asks before it looks at anything.
   *
   * @throws OverflowException if the log can't be written
   */
  void makeRoom(int records) {
    requireUsable();
    while (log.room() < records) {
      awaitAttempt("appending to the log");
    }
    if (failure != null && durability != Durability.SYNC) {
      // Nobody else would hear of it, and the window would not be kept.
      throw files.failed("writing the log", failure);
    }
  }

  long write(int index, TablePage.Entry entry) {
    return appended(log.appendWrite(index, entry));
  }

  long free(int index, int generation) {
    return appended(log.appendFree(index, generation));
  }

  long engine(int number, String name) {
    return appended(log.appendEngine(number, name));
  }

  boolean hasRoom() {
    return !broken && log.room() > 0;
  }

  private long appended(long lsn) {
    if (!pending) {
      pending = true;
      pendingSince = System.nanoTime();
      work.signal();
    } else if (log.staged() == DeltaLog.MANY) {
      work.signal();
    }
    return lsn;
  }

  /** Waits until a record is durable. Holds the lock when called and when it returns. */
  void awaitDurable(long lsn) {
    while (durableLsn < lsn) {
      requireUsable();
      awaitAttempt("committing");
    }
  }

  private void awaitAttempt(String what) {
    long before = attempts;
    waiters++;
    work.signal();
    try {
      // The group under way may have begun before our record: only the next one must hold it.
      while (attempts == before && !stopped) {
        done.awaitUninterruptibly();
      }
    } finally {
      waiters--;
    }
    if (failure != null) {
      throw files.failed(what, failure);
    }
    requireUsable();
  }

  private void requireUsable() {
    if (broken) {
      throw files.failed("a forced write (the region must be opened anew)", failure);
    }
    if (stopped) {
      throw new OverflowException(
          "overflow: region " + files.directory + " is closed; open it again");
    }
  }

  long durableLsn() {
    return durableLsn;
  }

  long lastLsn() {
    return log.nextLsn() - 1;
  }

  /** Bytes of log since the last checkpoint. */
  long logBytes() {
    return logBytesBefore + log.records() * LogLayout.RECORD_SIZE;
  }

  // ---- the thread

  @Override
  public void run() {
    lock.lock();
    try {
      while (!stopped) {
        long wait = nanosToWork();
        if (wait <= 0) {
          lock.unlock();
          try {
            group();
          } finally {
            lock.lock();
          }
        } else {
          work.awaitNanos(wait);
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

  private long nanosToWork() {
    if (broken) {
      return Long.MAX_VALUE;
    }
    if (waiters > 0 || log.staged() >= DeltaLog.MANY) {
      return 0;
    }
    return pending ? windowNanos - (System.nanoTime() - pendingSince) : Long.MAX_VALUE;
  }

  /** One group: data, then log, then the mark, then everybody is told. */
  void group() {
    io.lock();
    try {
      DeltaLog current;
      long target;
      long records;
      boolean force;
      lock.lock();
      try {
        current = log;
        target = log.nextLsn() - 1;
        records = log.records();
        force = durability != Durability.NONE && target > durableLsn;
        pending = false;
      } finally {
        lock.unlock();
      }
      IOException failed = null;
      try {
        data.writeGathered();
        if (force) {
          forceData();
        }
        lock.lock();
        try {
          data.writeGathered(); // the few since: no record is written before its payload
          current.check();
          current.flush();
        } finally {
          lock.unlock();
        }
        if (force) {
          forceLog();
          current.mark(records, false);
        }
      } catch (IOException e) {
        failed = e;
      }
      finished(target, failed);
    } finally {
      io.unlock();
    }
  }

  private void finished(long target, IOException failed) {
    lock.lock();
    try {
      attempts++;
      failure = failed;
      if (failed == null) {
        durableLsn = Math.max(durableLsn, target);
        pending = log.nextLsn() - 1 > durableLsn;
      } else {
        pending = true; // tried again after the window, unless it was a force that failed
      }
      pendingSince = System.nanoTime();
      done.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- called by the checkpointer

  /**
   * Ends this log and begins the next, with everything appended so far durable. {@code frozen} runs
   * under the region's lock at the moment between the two.
   */
  void roll(Runnable frozen) throws IOException {
    io.lock();
    try {
      data.writeGathered();
      forceData(); // most of the work without the region's lock
      lock.lock();
      try {
        data.writeGathered();
        log.check();
        forceData();
        log.flush();
        forceLog();
        DeltaLog next = successor();
        durableLsn = log.nextLsn() - 1;
        logBytesBefore += log.records() * LogLayout.RECORD_SIZE;
        log.close();
        log = next;
        pending = false;
        failure = null;
        attempts++;
        done.signalAll();
        frozen.run();
      } finally {
        lock.unlock();
      }
    } finally {
      io.unlock();
    }
  }

  /** Makes the next log, then marks this one as followed; undone if that fails. */
  private DeltaLog successor() throws IOException {
    DeltaLog next = DeltaLog.create(files, region, log.number + 1, log.nextLsn());
    try {
      log.mark(log.records(), true);
      return next;
    } catch (IOException e) {
      next.close();
      // Were it to stay, records appended to this log from now on would lie behind its start.
      Files.delete(files.log(log.number + 1));
      throw e;
    }
  }

  private void forceData() throws IOException {
    breakUnless(data::force);
  }

  private void forceLog() throws IOException {
    breakUnless(log::force);
  }

  /** After a failed force nobody knows what is on the disk. */
  private void breakUnless(Force force) throws IOException {
    try {
      force.run();
    } catch (IOException e) {
      lock.lock();
      try {
        broken = true;
        failure = e;
        attempts++;
        done.signalAll();
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  /** A force. */
  private interface Force {
    void run() throws IOException;
  }

  /** Under the region's lock: number and start of the log that is written now. */
  DeltaLog log() {
    return log;
  }

  /** Under the region's lock: a checkpoint that ends where the current log starts is durable. */
  void checkpointed() {
    logBytesBefore = 0;
  }

  /** Ends the thread; appenders that wait are refused. */
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

  /** After the thread has ended. */
  void close() throws IOException {
    log.close();
  }
}
