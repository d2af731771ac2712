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

  private final MemoryGovernor governor = MemoryGovernor.get();
  private final SharedText[] documents;
  private final LongAdder saved = new LongAdder();

  /** One thread makes room, others go on meanwhile. */
  private final ReentrantLock making = new ReentrantLock();

  private final Registration listening;
  private volatile boolean tight;

  ColdDocuments(SharedText[] documents) {
    this.documents = documents;
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
        makeRoom();
      } catch (BudgetExceededException e) {
        // Over the limit already: no scope can be entered, and memory is given back without one.
        saveColdest();
      } finally {
        making.unlock();
      }
    }
  }

  @EngineBudget(value = Engines.CRDT, pinArena = true)
  private void makeRoom() throws WrongAnswerException {
    saveColdest();
  }

  private void saveColdest() throws WrongAnswerException {
    SharedText[] coldestFirst = documents.clone();
    Arrays.sort(coldestFirst, Comparator.comparingLong(SharedText::used));
    for (SharedText document : coldestFirst) {
      EngineSnapshot now = governor.snapshot(Engines.CRDT);
      if (now.used() <= now.limit() * ENOUGH) {
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

  @Override
  public void close() {
    listening.close();
  }
}
