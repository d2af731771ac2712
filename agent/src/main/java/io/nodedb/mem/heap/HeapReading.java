package io.nodedb.mem.heap;

/**
 * One engine's heap ledger compared with the samples it is the sum of, and with what gates hold for
 * arrays about to be allocated. Both move meanwhile, so each is known to lie between two figures.
 *
 * @param least bytes that the ledger should hold at least
 * @param most bytes that it should hold at the most
 * @param before what it held before new samples were noticed: not above {@code most}, for what it
 *     has then is among the samples
 * @param after what it held then: not below {@code least}, but for charges under way
 */
public record HeapReading(long least, long most, long before, long after) {
  /**
   * What the ledger has too much, as far as nothing under way explains it.
   *
   * @return bytes; negative if it has too little
   */
  public long drift() {
    return before > most ? before - most : Math.min(0, after - least);
  }

  /** Whether any of several has something too much or too little. */
  static boolean anyDrifts(HeapReading[] readings) {
    for (HeapReading each : readings) {
      if (each.drift() != 0) {
        return true;
      }
    }
    return false;
  }

  /** The reading that finds less amiss. */
  HeapReading orCloser(HeapReading other) {
    return Math.abs(other.drift()) < Math.abs(drift()) ? other : this;
  }

  /** The same with what gates held before and after. */
  HeapReading withGates(long first, long last) {
    return new HeapReading(
        least + Math.min(first, last), most + Math.max(first, last), before, after);
  }
}
