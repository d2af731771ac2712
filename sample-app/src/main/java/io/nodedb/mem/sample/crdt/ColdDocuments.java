package io.nodedb.mem.sample.crdt;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.Registration;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the engine's documents within its budget: under pressure, saves those that were not used for
 * longest and frees their native memory. Thread-safe; nobody may hold a document's monitor.
 */
final class ColdDocuments implements AutoCloseable {
  /** Share of the limit to come down to: below where the pressure's warning ends. */
  private static final double ENOUGH = 0.5;

  /** Share of the limit up to which documents may arrive that nobody asked for. */
  private static final double MOST_FLOODED = 0.7;

  private final MemoryGovernor governor = MemoryGovernor.get();
  private final SharedText[] documents;
  private final DocumentFlood flood;
  private final LongAdder saved = new LongAdder();

  /** One thread makes room, others go on meanwhile. */
  private final ReentrantLock making = new ReentrantLock();

  private final Registration listening;
  private volatile boolean tight;

  ColdDocuments(SharedText[] documents, DocumentFlood flood) {
    this.documents = documents;
    this.flood = flood;
    this.listening =
        governor.onPressure(
            transition -> {
              if (transition.engine().filter(Engines.CRDT::equals).isPresent()) {
                tight = transition.to() != PressureLevel.NORMAL;
              }
            });
  }

  /** How many documents were saved so far. */
  long saved() {
    return saved.sum();
  }

  /** Makes room if there is pressure. */
  void care() throws WrongAnswerException {
    if (tight && making.tryLock()) {
      try {
        makeRoomSomehow();
      } finally {
        making.unlock();
      }
    }
  }

  /**
   * Makes room before something large, and has others that want the same wait meanwhile. A JNI
   * library's memory is known only once it is there: who keeps to a budget looks before.
   */
  void careFirst() throws WrongAnswerException {
    making.lock();
    try {
      if (above(MOST_FLOODED)) {
        makeRoomSomehow();
      }
    } finally {
      making.unlock();
    }
  }

  private void makeRoomSomehow() throws WrongAnswerException {
    try {
      makeRoom();
    } catch (BudgetExceededException e) {
      // Over the limit already: no scope can be entered, and memory is given back without one.
      saveColdest();
    }
  }

  @EngineBudget(value = Engines.CRDT, pinArena = true)
  private void makeRoom() throws WrongAnswerException {
    saveColdest();
  }

  private void saveColdest() throws WrongAnswerException {
    boolean more = true;
    while (more && above(ENOUGH)) {
      more = flood.saveOne();
    }
    SharedText[] coldestFirst = documents.clone();
    Arrays.sort(coldestFirst, Comparator.comparingLong(SharedText::used));
    for (SharedText document : coldestFirst) {
      if (!above(ENOUGH)) {
        break;
      }
      synchronized (document) {
        if (document.isOpen()) {
          document.save();
          saved.increment();
        }
      }
    }
    tight = false;
  }

  private boolean above(double share) {
    EngineSnapshot now = governor.snapshot(Engines.CRDT);
    return now.used() > now.limit() * share;
  }

  @Override
  public void close() {
    listening.close();
  }
}
