package io.nodedb.mem.governor;

import java.util.concurrent.atomic.AtomicLong;

/**
 * An engine's use and its limit. Thread-safe; limits are changed by one thread at a time.
 *
 * <p>Use is one word, moved by CAS against the bound. That alone would not keep a limit that is
 * lowered: an admission that read the old bound could still pass its CAS after the one who lowers
 * has looked at use. So the word carries a version in its low byte, and lowering goes: publish the
 * bound, change the version, look at use in that same step. An admission that read the old bound
 * read the word before, and its CAS fails.
 *
 * <p>{@code limit} is what is shown: it follows the bound down only when lowering has succeeded, and
 * goes up before it, so nobody ever sees it below what admission let through.
 */
final class Budget {
  /**
   * Most an engine can use: a pebibyte. Below the word's capacity by a factor of 32, so that threads
   * which add at once and then find the sum too large cannot overflow it together.
   */
  static final long MOST = 1L << 50;

  private static final int VERSION_BITS = 8;
  private static final long VERSION = (1 << VERSION_BITS) - 1;

  private final AtomicLong word = new AtomicLong();
  private volatile long bound;
  private volatile long limit;

  /**
   * Use and limit of one moment.
   *
   * @param used bytes
   * @param limit bytes
   */
  record Moment(long used, long limit) {}

  Budget(long limit) {
    this.limit = limit;
    this.bound = Math.min(limit, MOST);
  }

  long used() {
    return word.get() >> VERSION_BITS;
  }

  long limit() {
    return limit;
  }

  /** What may be added; negative if use is past the limit. */
  long room() {
    return bound - used();
  }

  /** Adds bytes if the bound allows. Use after that; -1 if it does not. */
  long tryAdd(long bytes) {
    long seen;
    do {
      seen = look();
      // The bound is read after the word: see the class comment.
      if (bytes > bound - (seen >> VERSION_BITS)) {
        return -1;
      }
    } while (!move(seen, bytes));
    return (seen >> VERSION_BITS) + bytes;
  }

  /** First step of an admission: what {@link #move} has to find unchanged. */
  long look() {
    return word.get();
  }

  /** Last step of an admission. False if use has moved, or the limit was lowered, since the look. */
  boolean move(long seen, long bytes) {
    return word.compareAndSet(seen, seen + (bytes << VERSION_BITS));
  }

  /** Adds bytes whatever the bound. Use after that. */
  long add(long bytes) {
    if (bytes <= MOST) {
      long after = word.addAndGet(bytes << VERSION_BITS) >> VERSION_BITS;
      if (after <= MOST) {
        return after;
      }
      subtract(bytes);
    }
    throw new IllegalArgumentException(
        "bytes: " + bytes + " (expected: at most " + MOST + " in use by an engine altogether)");
  }

  /** Takes bytes back that were added. Use after that. */
  long subtract(long bytes) {
    return word.addAndGet(-(bytes << VERSION_BITS)) >> VERSION_BITS;
  }

  /** What admission goes by: the limit, or less. */
  long bound() {
    return bound;
  }

  /** Changes the limit, unless that lowers it below use. Callers exclude each other. */
  boolean limit(long newLimit) {
    return limit(newLimit, newLimit, 0);
  }

  /**
   * Changes the limit, unless that lowers it too near to use. Callers exclude each other.
   *
   * @param newLimit what use may not pass
   * @param newBound what nothing is admitted past from now on; use may be past it
   * @param room what a lower limit has to leave at the moment of the change, for what is charged once
   *     it is allocated
   */
  boolean limit(long newLimit, long newBound, long room) {
    if (newLimit >= limit) {
      limit = newLimit;
      bound = Math.min(newBound, MOST);
      return true;
    }
    if (used() > newLimit - room) {
      return false;
    }
    long before = bound;
    bound = Math.min(newBound, MOST);
    if (changeVersion() > newLimit - room) {
      bound = before;
      return false;
    }
    limit = newLimit;
    return true;
  }

  /** Use and limit such that admission had allowed that use under that limit. */
  Moment moment() {
    while (true) {
      long now = word.get();
      long l = limit;
      if (((now ^ word.get()) & VERSION) == 0) {
        return new Moment(now >> VERSION_BITS, l);
      }
    }
  }

  /** Use at the moment of the change. */
  private long changeVersion() {
    long now;
    do {
      now = word.get();
    } while (!word.compareAndSet(now, (now & ~VERSION) | ((now + 1) & VERSION)));
    return now >> VERSION_BITS;
  }
}
