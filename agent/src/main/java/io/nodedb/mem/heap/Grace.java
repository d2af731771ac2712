package io.nodedb.mem.heap;

import java.util.concurrent.TimeUnit;

/**
 * How far a thread may go on after it was refused: rollback, {@code finally} and {@code close} code
 * allocates a little. One grace lasts until the scope ends or the shortage is over; when it is used
 * up, every further look refuses again. Used by its thread alone.
 */
final class Grace {
  /** On virtual threads, which have no counter, looks are counted instead of bytes. */
  private static final int LOOKS = 10_000;

  private static final long OBSERVE_EVERY = TimeUnit.SECONDS.toNanos(1);

  private final long bytes;
  private boolean open;
  private long from;
  private int looks;
  private long observed;
  private boolean everObserved;

  Grace(long bytes) {
    this.bytes = bytes;
  }

  /** After a refusal; a grace that is open or used up goes on. */
  void begin(long counter) {
    if (!open) {
      open = true;
      from = counter;
      looks = 0;
    }
  }

  /** Whether the thread may pass. */
  boolean covers(long counter) {
    return open && counter - from <= bytes && ++looks < LOOKS;
  }

  /** As {@link #covers}, for bytes that no counter will show. */
  boolean spend(long counter, long more) {
    if (more > bytes || !covers(counter + more)) {
      return false;
    }
    from -= more;
    return true;
  }

  void end() {
    open = false;
  }

  /** For scopes that only observe: one record a second and thread is enough. */
  boolean observeNow() {
    long now = System.nanoTime();
    if (everObserved && now - observed < OBSERVE_EVERY) {
      return false;
    }
    everObserved = true;
    observed = now;
    return true;
  }
}
