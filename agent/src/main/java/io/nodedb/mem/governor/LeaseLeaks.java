package io.nodedb.mem.governor;

import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds reservations that became unreachable without being closed, by the lease they were made from:
 * no reservation needs a reference object of its own. Small reservations share a lease by the
 * thousand, so their report names where the first of them was made; a large one has its own.
 */
final class LeaseLeaks {
  private final Governor governor;
  private final ReferenceQueue<Lease> queue = new ReferenceQueue<>();
  private final Set<LeaseCell> cells = ConcurrentHashMap.newKeySet();

  LeaseLeaks(Governor governor) {
    this.governor = governor;
  }

  ReferenceQueue<Lease> queue() {
    return queue;
  }

  /** A phantom reference works only while it is reachable itself. */
  void watch(LeaseCell cell) {
    cells.add(cell);
  }

  void unwatch(LeaseCell cell) {
    cells.remove(cell);
  }

  /** What cells that are watched, all that live, hold of an engine. */
  long granted(Engine engine) {
    long sum = 0;
    for (LeaseCell cell : cells) {
      if (cell.engine == engine) {
        sum += cell.granted();
      }
    }
    return sum;
  }

  /** Releases what leaked since the last call. */
  void collect() {
    LeaseCell cell;
    while ((cell = (LeaseCell) queue.poll()) != null) {
      cells.remove(cell);
      long leaked = cell.granted();
      if (leaked > 0) {
        cell.engine.subtract(LedgerKind.RESERVED, leaked);
        governor.listener().onLeak(cell.engine.engine(), leaked, cell.made);
        if (cell.engine.leakReport.now()) {
          governor.problem(line(cell, leaked));
        }
      }
    }
  }

  private static String line(LeaseCell cell, long leaked) {
    String where = "an unknown place";
    for (StackTraceElement frame : cell.made.getStackTrace()) {
      String name = frame.getClassName();
      if (!name.startsWith("io.nodedb.mem.governor.") && !name.startsWith("io.nodedb.mem.runtime.")) {
        where = frame.toString();
        break;
      }
    }
    return "engine '" + cell.engine.engine() + "': reservations of " + leaked
        + " bytes were never closed, the first made at " + where + "; released";
  }
}
