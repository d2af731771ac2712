package io.nodedb.mem.offheap;

import io.nodedb.mem.governor.LedgerKind;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A charge for memory that the JDK allocates. Ended by {@link #run}, once, whoever comes first.
 * Thread-safe.
 */
final class Charge implements Runnable {
  private final NativeLedger ledger;
  private final LedgerKind kind;
  private final AtomicLong overlap;

  /** What is charged; 0 once it has ended. */
  private final AtomicLong bytes;

  private Charge(NativeLedger ledger, LedgerKind kind, long bytes, AtomicLong overlap) {
    this.ledger = ledger;
    this.kind = kind;
    this.overlap = overlap;
    this.bytes = new AtomicLong(bytes);
  }

  /**
   * Charges bytes about to be allocated.
   *
   * @param overlap where else the block will be counted, to be told; null if nowhere
   */
  static Charge admit(NativeLedger ledger, LedgerKind kind, long bytes, AtomicLong overlap) {
    Charge charge = new Charge(ledger, kind, bytes, overlap);
    ledger.admit(kind, bytes);
    if (overlap != null) {
      overlap.addAndGet(ledger.heap().usable(bytes, 1));
    }
    return charge;
  }

  /** Runs what allocates; the charge ends if that fails. */
  <T, X extends Exception> T during(Allocation<T, X> allocation) throws X {
    boolean done = false;
    try {
      T result = allocation.get();
      done = true;
      return result;
    } finally {
      if (!done) {
        run();
      }
    }
  }

  @Override
  public void run() {
    long ended = bytes.getAndSet(0);
    if (ended != 0) {
      ledger.release(kind, ended);
      if (overlap != null) {
        overlap.addAndGet(-ledger.heap().usable(ended, 1));
      }
    }
  }

  /** Something that allocates. */
  @FunctionalInterface
  interface Allocation<T, X extends Exception> {
    T get() throws X;
  }
}
