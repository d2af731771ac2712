package io.nodedb.mem.governor;

/**
 * What keeps a {@link LeaseCell} alive: reservations made from a cell, and the stripe it serves, hold
 * its lease. When none does any more, whatever the cell still counts as handed out has leaked.
 */
final class Lease {
  final LeaseCell cell;

  /**
   * How many reservations it did not serve from what was at hand. Counted without care, as threads
   * may share a stripe; off the fast path, as that would be one more contended word.
   */
  int refills;

  private Lease(Engine engine, LeaseLeaks leaks, long keep, boolean own) {
    Throwable made = new Throwable("reserved here");
    cell =
        own
            ? LeaseCell.own(this, engine, leaks, made)
            : LeaseCell.shared(this, engine, leaks, made, keep);
  }

  /** For a stripe of threads; its cell is open if it may keep anything at hand. */
  static Lease shared(Engine engine, LeaseLeaks leaks, long keep) {
    return new Lease(engine, leaks, keep, false);
  }

  /** For one reservation. */
  static Lease own(Engine engine, LeaseLeaks leaks) {
    return new Lease(engine, leaks, 0, true);
  }
}
