package io.nodedb.mem.governor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Tells once that an engine's use has left a band of bytes; not again before it is armed again, so a
 * hundred thousand crossings are one call. Thread-safe.
 *
 * <p>Takes no lock: what allocates may be what tells. No crossing is missed: use is moved before the
 * band is read, the band is set before use is read, so of a thread that moves use and one that arms
 * the band one sees what the other did. A call too many is possible.
 */
public final class UseBand {
  private final LongSupplier used;
  private final Runnable left;
  private final AtomicBoolean armed = new AtomicBoolean();
  private volatile long from;
  private volatile long to;

  UseBand(LongSupplier used, Runnable left) {
    this.used = used;
    this.left = left;
  }

  /**
   * Watches from now on; tells at once if use is outside. One thread at a time.
   *
   * @param newFrom the least use, in bytes, of which nothing is told
   * @param newTo the least use above, of which it is told again
   */
  public void arm(long newFrom, long newTo) {
    armed.set(false);
    from = newFrom;
    to = newTo;
    armed.set(true);
    moved(used.getAsLong());
  }

  /** Use is that much now, leases included. */
  void moved(long now) {
    if (outside(now) && armed.get() && outside(used.getAsLong())) {
      tell();
    }
  }

  /** Tells whatever use is: the limit has changed. */
  void tell() {
    if (armed.compareAndSet(true, false)) {
      left.run();
    }
  }

  private boolean outside(long now) {
    return now >= to || now < from;
  }
}
