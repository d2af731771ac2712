package io.nodedb.mem.heap;

import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.governor.ReliefStep;
import io.nodedb.mem.heap.HeapAccounting.AssistListener;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The first step of the breach order: rules garbage out. First takes into account what the collector
 * has found dead already; if that is not enough, asks for a collection.
 *
 * <p>At most one collection per {@code min-gc-interval}, whoever asks: a thread that comes early
 * waits, which slows an engine that floods the heap near its limit and nobody else. Threads that wait
 * at the same time share one collection; it must have begun after they came, as only that rules out
 * what they saw.
 */
final class GcAssist implements ReliefStep {
  private final HeapLedger ledger;
  private final Collections collections;
  private final Runnable collector;
  private final long minIntervalNanos;
  private final AssistListener listener;
  private final Runnable disabled;
  private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
  private final ReentrantLock lock = new ReentrantLock(true);

  private volatile long began;
  private long lastBegan;
  private boolean ever;

  GcAssist(
      HeapLedger ledger,
      Collections collections,
      Runnable collector,
      long minIntervalNanos,
      AssistListener listener,
      Runnable disabled) {
    this.ledger = ledger;
    this.collections = collections;
    this.collector = collector;
    this.minIntervalNanos = minIntervalNanos;
    this.listener = listener;
    this.disabled = disabled;
  }

  @Override
  public boolean relieve(Engine engine, long missing, Bound bound) {
    long before = engine.used(LedgerKind.HEAP);
    if (before == 0 && bound == Bound.ENGINE) {
      return true;
    }
    ledger.drain();
    if (before - engine.used(LedgerKind.HEAP) >= missing) {
      return true;
    }
    return collect(engine);
  }

  private boolean collect(Engine engine) {
    long came = began;
    lock.lock();
    try {
      if (began > came) {
        // Somebody's collection began after this thread came.
        return true;
      }
      awaitInterval();
      long heapBefore = memory.getHeapMemoryUsage().getUsed();
      long count = collections.count();
      listener.assisting();
      lastBegan = System.nanoTime();
      ever = true;
      began = came + 1;
      collector.run();
      if (collections.count() == count) {
        disabled.run();
        return false;
      }
      ledger.collected();
      listener.assisted(
          engine.engine(),
          System.nanoTime() - lastBegan,
          heapBefore,
          memory.getHeapMemoryUsage().getUsed(),
          ledger.accounting());
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void awaitInterval() {
    long left;
    while (ever && (left = lastBegan + minIntervalNanos - System.nanoTime()) > 0) {
      LockSupport.parkNanos(this, Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
      if (Thread.currentThread().isInterrupted()) {
        // Parking returns at once now; the rest of the interval is not worth spinning for.
        return;
      }
    }
  }
}
