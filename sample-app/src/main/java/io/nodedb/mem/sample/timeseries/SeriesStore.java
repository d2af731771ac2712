package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryBudgetException;
import io.nodedb.mem.sample.wal.WriteAheadLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Takes batches: logs them, keeps them in a memtable, flushes full memtables to segments.
 * Thread-safe; batches of one host come one after the other.
 *
 * <p>Lock order: {@code rotation}, then this object's monitor. A batch holds {@code rotation} for
 * reading from before it is logged until it is in the memtable, so that whoever holds it for writing
 * knows: every record in the log is in this memtable or an older one. Old segments are read back
 * and deleted, so that a long run fills no disk.
 */
final class SeriesStore implements AutoCloseable {
  private static final long MEMTABLE = 8 << 20;
  private static final int KEEP_SEGMENTS = 32;

  private record Sealed(Memtable table, long lastRecord) {}

  private final MetricSource source;
  private final WriteAheadLog log;
  private final Segments store;
  private final long flushBytesPerSecond;
  private final ReadWriteLock rotation = new ReentrantReadWriteLock();
  private final Thread flusher;

  // Guarded by this object's monitor; active is replaced under rotation's write lock as well.
  private Memtable active;
  private final Deque<Sealed> waiting = new ArrayDeque<>();
  private final long[] stored;
  private boolean stopping;

  // The flusher's; others' once it has ended.
  private final Deque<Segments.Segment> segments = new ArrayDeque<>();
  private final ReadBack readBack;
  private volatile IOException failure;

  SeriesStore(MetricSource source, WriteAheadLog log, Segments store, long flushBytesPerSecond) {
    this.source = source;
    this.log = log;
    this.store = store;
    this.flushBytesPerSecond = flushBytesPerSecond;
    this.stored = new long[source.hosts()];
    this.active = newMemtable();
    this.readBack = new ReadBack(source);
    this.flusher = Thread.ofPlatform().name("timeseries-flush").daemon().start(this::flushAll);
  }

  /** Stores a batch: when this returns, it is logged and can be read. */
  void append(byte[] bytes) throws IOException {
    checkFlusher();
    Batch batch = new Batch(bytes);
    int metrics = source.metrics();
    if (lacksRoom(metrics, batch.points())) {
      Slabs.askForRoom();
    }
    rotation.readLock().lock();
    try {
      synchronized (this) {
        active.prepare(batch.host() * metrics, metrics, batch.points());
      }
      try {
        log.append(bytes);
        synchronized (this) {
          apply(batch, metrics);
        }
      } finally {
        synchronized (this) {
          active.settle(metrics, batch.points());
        }
      }
    } finally {
      rotation.readLock().unlock();
    }
    rotateIfFull();
  }

  private synchronized boolean lacksRoom(int metrics, int points) {
    return active.lacksRoom(metrics, points);
  }

  /**
   * All of a batch: its memory is there, and one refused half-way would be stored in some series and
   * not in others. So nothing is refused here, and nothing allocated.
   */
  @EngineBudget(value = Engines.TIMESERIES, mode = BreachMode.OBSERVE)
  private void apply(Batch batch, int metrics) {
    int host = batch.host();
    for (int metric = 0; metric < metrics; metric++) {
      for (int i = 0; i < batch.points(); i++) {
        active.add(host * metrics + metric, batch.time(i), batch.value(metric, i));
      }
    }
    stored[host] += batch.points();
  }

  /** Points of each of a host's metrics. */
  synchronized long stored(int host) {
    return stored[host];
  }

  /** Reads the newest points of a series that are in memory and checks them. */
  synchronized void checkNewest(int series) throws IOException {
    var chunks = active.chunks(series);
    if (chunks.isEmpty()) {
      return;
    }
    int host = series / source.metrics();
    Chunk newest = chunks.getLast();
    GorillaDecoder points = newest.points();
    for (long index = stored[host] - newest.count(); points.next(); index++) {
      ReadBack.expect(source, host, series % source.metrics(), index, points);
    }
  }

  private void rotateIfFull() {
    synchronized (this) {
      if (active.bytes() < MEMTABLE) {
        return;
      }
    }
    rotation.writeLock().lock();
    try {
      long last = log.last();
      synchronized (this) {
        if (active.bytes() >= MEMTABLE) {
          Memtable fresh = newMemtable();
          waiting.add(new Sealed(active, last));
          active = fresh;
          notifyAll();
        }
      }
    } finally {
      rotation.writeLock().unlock();
    }
  }

  private Memtable newMemtable() {
    return new Memtable(source.hosts() * source.metrics());
  }

  /** In no scope but while it flushes: what reading back allocates is not the engine's. */
  private void flushAll() {
    try {
      Sealed sealed;
      while ((sealed = nextToFlush()) != null) {
        segments.add(flush(sealed));
        synchronized (this) {
          waiting.remove();
        }
        log.truncate(sealed.lastRecord());
        while (segments.size() > KEEP_SEGMENTS) {
          readBack.segment(segments.getFirst());
          segments.remove().delete();
        }
      }
    } catch (IOException e) {
      failure = e;
    } catch (MemoryBudgetException e) {
      failure = new IOException("the region refuses: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Makes room for the engine. What little it takes for that is the log's, whose region the segment
   * goes to: this engine may have nothing left.
   */
  @EngineBudget(value = Engines.WAL, mode = BreachMode.OBSERVE)
  private Segments.Segment flush(Sealed sealed) throws IOException {
    return store.write(sealed.table(), this::slowDown);
  }

  /** Waits for a full memtable; it stays in {@code waiting} until it is in a segment. */
  private synchronized Sealed nextToFlush() throws InterruptedException {
    while (waiting.isEmpty() && !stopping) {
      wait();
    }
    return stopping ? null : waiting.getFirst();
  }

  private void slowDown(int bytes) {
    long end = System.nanoTime() + (long) (bytes * 1e9 / flushBytesPerSecond);
    for (long left; !isStopping() && (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(Math.min(left, 50_000_000));
    }
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private void checkFlusher() throws IOException {
    IOException thrown = failure;
    if (thrown != null) {
      throw new IOException("timeseries: flushing failed", thrown);
    }
  }

  /** Ends flushing and reads every point back: from segments, then from memory. */
  long readBack() throws IOException {
    stopFlusher();
    checkFlusher();
    while (!segments.isEmpty()) {
      readBack.segment(segments.remove());
    }
    synchronized (this) {
      for (Sealed sealed : waiting) {
        readBack.memtable(sealed.table());
      }
      readBack.memtable(active);
      return readBack.total(stored);
    }
  }

  private void stopFlusher() {
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    try {
      flusher.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopFlusher();
    store.close();
  }
}
