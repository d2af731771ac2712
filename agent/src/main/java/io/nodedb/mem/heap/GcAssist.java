package io.nodedb.mem.heap;

import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.governor.ReliefStep;
import io.nodedb.mem.heap.HeapAccounting.AssistListener;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/**
 * The first step of the breach order: rules garbage out. First takes into account what the collector
 * has found dead already; if that is not enough, asks for a collection.
 *
 * <p>Collections keep a {@link AssistPace pace}: a thread that comes early waits, which slows an engine
 * that floods the heap near its limit and nobody else. An engine's own pause is for one that is full,
 * or has borrowed: not for one that meets a bound which others have filled. Threads that wait at the
 * same time share one collection; it must have begun after they came, as only that rules out what they
 * saw.
 */
final class GcAssist implements ReliefStep {
  /** How often a thread that waits looks whether there is room. */
  private static final long CHECK = TimeUnit.MILLISECONDS.toNanos(100);

  /** The share of all engines' bytes that is worth another collection, as a shift. */
  private static final int MUCH = 4;

  /**
   * The share of an engine's bytes, as a shift, that a thread asks for another collection for. With less
   * to be found dead, an engine nearly full of what it keeps would crawl from one to the next for
   * minutes.
   */
  private static final int REFILLED = 2;

  private final HeapLedger ledger;
  private final Collections collections;
  private final Runnable collector;
  private final AssistPace pace;
  private final List<Engine> engines;
  private final AssistListener listener;
  private final Runnable disabled;
  private final ReentrantLock lock = new ReentrantLock(true);

  /** The number of the last collection asked for. */
  private volatile long began;

  /** The number of the last that has ended. */
  private volatile long ended;

  /** Whether the JVM has ignored such a request. */
  private volatile boolean ignored;

  /** Whether that found much dead, of all engines together. */
  private volatile boolean worthwhile;

  GcAssist(
      HeapLedger ledger,
      Collections collections,
      Runnable collector,
      AssistPace pace,
      List<Engine> engines,
      AssistListener listener,
      Runnable disabled) {
    this.ledger = ledger;
    this.collections = collections;
    this.collector = collector;
    this.pace = pace;
    this.engines = engines;
    this.listener = listener;
    this.disabled = disabled;
  }

  @Override
  public boolean relieve(Engine engine, long missing, Bound bound) {
    if (engine.used(LedgerKind.HEAP) == 0 && bound == Bound.ENGINE) {
      return true;
    }
    long before = held(engine, bound);
    long released = ledger.released(engine.id());
    boolean collected =
        collect(
            engine,
            pauses(engine, bound),
            () -> {
              ledger.drain();
              return before - held(engine, bound) >= missing;
            });
    // If there was room and is none, other threads of the engine's have taken it, for garbage perhaps.
    long freed = ledger.released(engine.id()) - released;
    return collected && (isShared(bound) || freed < Math.max(missing, before >> REFILLED));
  }

  /** Who waits to be given room must hear of it: asks for a collection if it is its turn. */
  @Override
  public boolean relieveWaiting(Engine engine, long missing, Bound bound) {
    if (pace.left(engine.id(), pauses(engine, bound), System.nanoTime()) > 0) {
      ledger.drain();
      return false;
    }
    return relieve(engine, missing, bound);
  }

  /**
   * Unless there is room meanwhile: the JVM collects of itself too. Whether garbage is ruled out.
   */
  private boolean collect(Engine engine, boolean pausing, BooleanSupplier room) {
    if (room.getAsBoolean()) {
      return false;
    }
    long came = began;
    while (!lockInTurn(engine.id(), pausing)) {
      if (ended > came) {
        return true;
      }
      if (room.getAsBoolean()) {
        return false;
      }
    }
    try {
      if (ended > came) {
        // Somebody's collection began after this thread came.
        return true;
      }
      long heapBefore = collections.inUse();
      long usedBefore = engine.used(LedgerKind.HEAP);
      long heldBefore = sum(e -> e.used(LedgerKind.HEAP));
      long made = sum(Engine::allocated);
      long count = collections.count();
      listener.assisting();
      long beginning = System.nanoTime();
      began++;
      collector.run();
      if (collections.count() == count) {
        ignored = true;
        disabled.run();
        return false;
      }
      ledger.collected();
      long freed =
          heldBefore + sum(Engine::allocated) - made - sum(e -> e.used(LedgerKind.HEAP));
      worthwhile = freed > heldBefore >> MUCH;
      ended = began;
      long end = System.nanoTime();
      pace.collected(
          engine.id(), beginning, end, usedBefore, usedBefore - engine.used(LedgerKind.HEAP));
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
   * Where others took the room that there was, garbage is still to be ruled out. And a bound that all
   * share may be met again by what others have allocated since a collection began: that is garbage as
   * likely as what it found. An engine that has borrowed nothing is not refused for it.
   */
  @Override
  public boolean mayHelpAgain(Engine engine, Bound bound, boolean ruledOut) {
    return ruledOut ? isShared(bound) && worthwhile && !borrows(engine) : !ignored;
  }

  private static boolean isShared(Bound bound) {
    return bound == Bound.CEILING || bound == Bound.HEAP_CEILING;
  }

  /** What has to become less for a request that met a bound. */
  private long held(Engine engine, Bound bound) {
    return isShared(bound) ? sum(e -> e.used(LedgerKind.HEAP)) : engine.used(LedgerKind.HEAP);
  }

  private static boolean pauses(Engine engine, Bound bound) {
    return bound == Bound.ENGINE || borrows(engine);
  }

  private static boolean borrows(Engine engine) {
    return engine.limit() > engine.base();
  }

  private long sum(ToLongFunction<Engine> figure) {
    return engines.stream().mapToLong(figure).sum();
  }

  /**
   * Waits for the next collection's turn, for a while. A thread that is interrupted has it at once: it
   * cannot be parked, and the rest of the pause is not worth spinning for.
   */
  private boolean lockInTurn(int engine, boolean pausing) {
    long left = pace.left(engine, pausing, System.nanoTime());
    if (left <= 0 || Thread.currentThread().isInterrupted()) {
      lock.lock();
      if (pace.left(engine, pausing, System.nanoTime()) <= 0 || Thread.currentThread().isInterrupted()) {
        return true;
      }
      lock.unlock();
    } else {
      LockSupport.parkNanos(this, Math.min(left, CHECK));
    }
    return false;
  }
}
