package io.nodedb.mem.heap;

import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.governor.ReliefStep;
import io.nodedb.mem.heap.HeapAccounting.AssistListener;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The first step of the breach order: rules garbage out. First takes into account what the collector
 * has found dead already; if that is not enough, asks for a collection.
 *
 * <p>Collections keep a {@link AssistPace pace}, whoever asks: a thread that comes early waits, which
 * slows an engine that floods the heap near its limit and nobody else. Threads that wait
 * at the same time share one collection; it must have begun after they came, as only that rules out
 * what they saw.
 */
final class GcAssist implements ReliefStep {
  /** How often a thread that waits looks whether there is room. */
  private static final long CHECK = TimeUnit.MILLISECONDS.toNanos(100);

  private final HeapLedger ledger;
  private final Collections collections;
  private final Runnable collector;
  private final AssistPace pace;
  private final AssistListener listener;
  private final Runnable disabled;
  private final ReentrantLock lock = new ReentrantLock(true);

  /** The number of the last collection asked for. */
  private volatile long began;

  /** The number of the last that has ended. */
  private volatile long ended;

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
    this.pace = new AssistPace(minIntervalNanos);
    this.listener = listener;
    this.disabled = disabled;
  }

  @Override
  public boolean relieve(Engine engine, long missing, Bound bound) {
    long before = engine.used(LedgerKind.HEAP);
    if (before == 0 && bound == Bound.ENGINE) {
      return true;
    }
    return collect(
        engine,
        () -> {
          ledger.drain();
          return before - engine.used(LedgerKind.HEAP) >= missing;
        });
  }

  /** Unless there is room meanwhile: the JVM collects of itself too. */
  private boolean collect(Engine engine, BooleanSupplier room) {
    if (room.getAsBoolean()) {
      return true;
    }
    long came = began;
    while (!lockInTurn()) {
      if (ended > came || room.getAsBoolean()) {
        return true;
      }
    }
    try {
      if (ended > came) {
        // Somebody's collection began after this thread came.
        return true;
      }
      long heapBefore = collections.inUse();
      long usedBefore = engine.used(LedgerKind.HEAP);
      long count = collections.count();
      listener.assisting();
      long beginning = System.nanoTime();
      began++;
      collector.run();
      if (collections.count() == count) {
        disabled.run();
        return false;
      }
      ledger.collected();
      ended = began;
      long end = System.nanoTime();
      pace.collected(beginning, end, usedBefore, usedBefore - engine.used(LedgerKind.HEAP));
      listener.assisted(
          engine.engine(),
          end - beginning,
          heapBefore,
          collections.inUse(),
          ledger.accounting());
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next collection's turn, for a while. A thread that is interrupted has it at once: it
   * cannot be parked, and the rest of the pause is not worth spinning for.
   */
  private boolean lockInTurn() {
    long left = pace.left(System.nanoTime());
    if (left <= 0 || Thread.currentThread().isInterrupted()) {
      lock.lock();
      if (pace.left(System.nanoTime()) <= 0 || Thread.currentThread().isInterrupted()) {
        return true;
      }
      lock.unlock();
    } else {
      LockSupport.parkNanos(this, Math.min(left, CHECK));
    }
    return false;
  }
}
