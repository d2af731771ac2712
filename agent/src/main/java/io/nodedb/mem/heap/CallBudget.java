package io.nodedb.mem.heap;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The budget of one outermost call. {@code held} is what the call's thread allocated and still
 * holds; the heap ledger in use keeps it, from samples or from the thread's counter.
 */
final class CallBudget {
  private static final int OPEN = 0;
  private static final int ATTENDED = 1;
  private static final int CLOSED = 2;

  final Site site;

  /** The budget around this one, which is charged as well; null if there is none. */
  final CallBudget outer;

  final AtomicLong held = new AtomicLong();

  private final AtomicInteger attention = new AtomicInteger(OPEN);

  /** For the estimated ledger, under its monitor: the thread's counter at the last look. */
  long counted;

  /** For the estimated ledger, under its monitor: what the last collection left, estimated. */
  long live;

  /** For the estimated ledger, under its monitor: the collection that {@link #live} is from. */
  int epoch = -1;

  /** Whether the call is to end: 0, 1 asked, 2 it was told. */
  private final AtomicInteger ending = new AtomicInteger();

  CallBudget(Site site, long allocated, CallBudget outer) {
    this.site = site;
    this.counted = allocated;
    this.outer = outer;
  }

  /** The budget of the outermost call. */
  CallBudget outermost() {
    CallBudget at = this;
    while (at.outer != null) {
      at = at.outer;
    }
    return at;
  }

  /** Asks the call to end. Whether the caller is the first, and the call is still open. */
  boolean askToEnd() {
    return attention.get() != CLOSED && ending.compareAndSet(0, 1);
  }

  /** Whether the call was asked to end and not told yet. */
  boolean askedToEnd() {
    return ending.get() == 1;
  }

  /** The call is told: only once. */
  void told() {
    ending.set(2);
  }

  /** Whether the caller is the one to hold the attention flag up, for a call that is to end. */
  boolean attendEnd() {
    return attention.compareAndSet(OPEN, ATTENDED);
  }

  boolean over() {
    return held.get() > site.perCall();
  }

  /** Whether a gate or a poll has something to say to the call. */
  boolean hasToStop() {
    return over() || outermost().askedToEnd();
  }

  /**
   * Whether the caller is the one to hold the attention flag up for this call.
   *
   * @param behind bytes that the call may hold beyond what the ledger knows of
   */
  boolean attend(long behind) {
    return held.get() + behind > site.perCall() && attention.compareAndSet(OPEN, ATTENDED);
  }

  /** Ends the call. Whether the flag was held up for it. */
  boolean close() {
    return attention.getAndSet(CLOSED) == ATTENDED;
  }
}
