package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;
import java.util.function.Supplier;

/**
 * What one request that met a bound takes back from leases: of its engine, and of all if the ceiling
 * was the bound. Until {@link #close} those leases hold nothing ahead, so that every release is seen
 * at once; the others' go on undisturbed. Confined to one thread at a time.
 */
final class Recall implements AutoCloseable {
  private final Governor governor;
  private final Engine engine;
  private boolean own;
  private boolean all;

  Recall(Governor governor, Engine engine) {
    this.governor = governor;
    this.engine = engine;
  }

  /** What an engine's threads hold ahead now; they may go on to. */
  static void atOnce(Engine engine) {
    engine.pause();
    engine.resume();
  }

  /** After a charge that asked nobody: over a bound, what threads hold ahead is not to be handed out. */
  static void overBounds(Governor governor, Engine engine) {
    if (engine.budget.room() < 0) {
      atOnce(engine);
    }
    if (governor.totals().used() > governor.totals().ceiling()) {
      governor.engines().forEach(Recall::atOnce);
    }
  }

  /** Tries, and where leases may be what refuses, tries again without them. */
  Bound attempt(Supplier<Bound> request) {
    Bound bound = request.get();
    if ((bound == Bound.ENGINE || bound == Bound.CEILING) && !own) {
      own = true;
      engine.pause();
      bound = request.get();
    }
    if (bound == Bound.CEILING && !all) {
      all = true;
      for (Engine each : governor.engines()) {
        if (each != engine) {
          each.pause();
        }
      }
      bound = request.get();
    }
    return bound;
  }

  @Override
  public void close() {
    if (own) {
      engine.resume();
    }
    if (all) {
      for (Engine each : governor.engines()) {
        if (each != engine) {
          each.resume();
        }
      }
    }
  }
}
