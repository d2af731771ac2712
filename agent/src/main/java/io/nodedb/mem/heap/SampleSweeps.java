package io.nodedb.mem.heap;

import java.util.function.LongSupplier;

/**
 * Keeps what is read from the ledger true after collections. The JVM hands cleared references to a
 * thread of its own, which enqueues them some time later; a reading that relied on the queue would,
 * right after a collection, still have what that collection found dead. So the first reading after
 * a collection looks at every sample, a few nanoseconds each, which is less than the collection has
 * just spent on each of them. Others ask the JVM how many collections there were, in 0.1 to
 * 0.2 microseconds.
 *
 * <p>That count, and not a weak reference to some new object, says that there was one: an object
 * made while a collector marks outlives that marking, and would miss what it found dead.
 *
 * <p>Thread-safe. Two threads that come at once may both sweep.
 */
final class SampleSweeps {
  private final SampleLedger samples;
  private final LongSupplier collections;

  /** Collections ended before the last sweep began; written after it. */
  private volatile long swept = -1;

  SampleSweeps(SampleLedger samples, LongSupplier collections) {
    this.samples = samples;
    this.collections = collections;
  }

  /**
   * Gives back what was found dead by collections that ended before this was called.
   *
   * @throws StackOverflowError if little stack is left; nothing has happened then
   */
  void catchUp() {
    long now = collections.getAsLong();
    if (now == swept) {
      samples.drain();
    } else {
      sweep(now);
    }
  }

  /** The same whatever the JVM counts. */
  void sweep() {
    sweep(collections.getAsLong());
  }

  private void sweep(long ended) {
    samples.sweep();
    swept = ended;
  }
}
