package io.nodedb.mem.mapped;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the live pins of one window and decides when nobody uses it: striped, so that threads
 * that pin the same window at the same time do not share a cache line.
 *
 * <p><b>Why it is safe.</b> A pin adds to a cell, <em>then</em> reads {@code closed}; {@link
 * #tryClose} writes {@code closed}, <em>then</em> reads every cell. All four are volatile, hence
 * sequentially consistent: either the pin sees the closing and backs out, or the closing sees the
 * pin and gives up. Both may happen (the pin goes the slow way, the window stays), neither can't.
 * A pin ends on the thread and the cell where it began, so no cell is ever negative and a sum of
 * zero means that each was zero when it was read, after {@code closed} was set, and none can rise
 * for good from then on. The closing volatile read of a cell orders all that the pin's holder
 * did before the unmapping.
 *
 * <p>The upper bits of a cell count all pins so far, which costs the pin nothing.
 */
final class PinCount {
  private static final int LIVE_BITS = 20;
  private static final long LIVE = (1L << LIVE_BITS) - 1;
  private static final long ONE = (1L << LIVE_BITS) + 1;
  // Far below the carry into the upper bits, whatever many threads add before they look.
  private static final long MOST = LIVE / 2;

  /** 128 bytes: two cache lines, since the prefetcher fetches pairs. */
  private static final int STRIDE = 4;

  private static final int STRIPES =
      Math.min(
          16, Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1) << 1);

  // The first stride stays empty: it shares a line with the array's length, which all read.
  private final AtomicLongArray cells = new AtomicLongArray((STRIPES + 1) << STRIDE);
  private volatile boolean closed;

  /**
   * The current thread's cell, to be given to the other methods.
   *
   * @return an index
   */
  static int cell() {
    return ((int) Thread.currentThread().threadId() & (STRIPES - 1)) + 1 << STRIDE;
  }

  /**
   * Pins unless closed.
   *
   * @param cell from {@link #cell}
   * @return whether the window may be used until {@link #unpin}
   */
  boolean tryPin(int cell) {
    long before = cells.getAndAdd(cell, ONE);
    if (closed || (before & LIVE) >= MOST) {
      cells.getAndAdd(cell, -ONE);
      if ((before & LIVE) >= MOST) {
        throw new IllegalStateException(
            "more than " + MOST + " pins of one window are open: close them");
      }
      return false;
    }
    return true;
  }

  /** Pins unless closed, without counting it as a use. */
  boolean tryHold(int cell) {
    cells.getAndAdd(cell, 1);
    if (closed) {
      cells.getAndAdd(cell, -1);
      return false;
    }
    return true;
  }

  /** Ends a pin or a hold. */
  void unpin(int cell) {
    cells.getAndAdd(cell, -1);
  }

  /**
   * Closes for good if no pin is live. One thread at a time (the pool's lock).
   *
   * @return whether it is closed now
   */
  boolean tryClose() {
    if (closed) {
      return true;
    }
    if (live() != 0) {
      return false;
    }
    closed = true;
    if (live() == 0) {
      return true;
    }
    closed = false;
    return false;
  }

  boolean isClosed() {
    return closed;
  }

  /** Pins open now. */
  long live() {
    long sum = 0;
    for (int i = 1; i <= STRIPES; i++) {
      sum += cells.get(i << STRIDE) & LIVE;
    }
    return sum;
  }

  /** Pins since the last call. */
  long drainTotal() {
    long sum = 0;
    for (int i = 1; i <= STRIPES; i++) {
      long total = cells.get(i << STRIDE) >>> LIVE_BITS;
      if (total != 0) {
        cells.getAndAdd(i << STRIDE, -(total << LIVE_BITS));
        sum += total;
      }
    }
    return sum;
  }
}
