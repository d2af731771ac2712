package io.nodedb.mem.heap;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * When the next collection may be asked for. One that found an engine's objects mostly alive will find
 * the same for a while, yet must be repeated before the engine is refused again; an engine that stays
 * full would have the collector run all the time, at the expense of those that behave. So the engine
 * has to pause for a multiple of what that collection took. One that frees most of what it was asked
 * for is worth its time and only keeps {@code min-gc-interval}, as do those that other engines ask for.
 *
 * <p>Any thread may ask; collections are one at a time.
 */
final class AssistPace {
  /** Pauses where heap is sampled: collecting for one engine takes a tenth of the time at most. */
  static final int SAMPLED = 9;

  /**
   * Pauses where heap is estimated: a quarter of the time at most. What an engine has kept is known
   * from collections only there, and long after the last the guess is too far off to hold it.
   */
  static final int ESTIMATED = 3;

  /** However long a collection took, nobody waits longer for the next to begin. */
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(10);

  private final long minInterval;
  private final int multiple;

  /** The clock that times are counted from: it may be negative, and they start at 0. */
  private final long origin;

  private final AtomicLong next = new AtomicLong();

  /** The same by engine, if that is later. */
  private final AtomicLongArray pauses;

  /**
   * A pace at which the first collection may begin at once.
   *
   * @param minInterval least nanoseconds between the beginnings of two
   * @param multiple of what a collection took that its engine pauses for
   * @param engines how many there are
   * @param now nanoseconds by the clock in use
   */
  AssistPace(long minInterval, int multiple, int engines, long now) {
    this.minInterval = minInterval;
    this.multiple = multiple;
    this.origin = now;
    this.pauses = new AtomicLongArray(engines);
  }

  /**
   * How long is to be waited for the next collection.
   *
   * @param engine who wants one
   * @param pausing whether it is to keep its own pause
   * @param now by the clock
   * @return nanoseconds, not positive if it may begin now
   */
  long left(int engine, boolean pausing, long now) {
    long until = next.get();
    return (pausing ? Math.max(until, pauses.get(engine)) : until) - (now - origin);
  }

  /**
   * A collection has ended.
   *
   * @param engine who had asked for it
   * @param began when it began, by the clock
   * @param ended when it ended
   * @param before bytes that the engine held when it began
   * @param freed bytes of them that were found dead; negative if the engine holds more
   */
  void collected(int engine, long began, long ended, long before, long freed) {
    long pause = freed >= before / 2 ? 0 : Math.min(LONGEST, multiple * (ended - began));
    pauses.set(engine, ended - origin + pause);
    next.set(began - origin + minInterval);
  }
}
