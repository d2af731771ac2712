package io.nodedb.mem.heap;

import java.util.concurrent.TimeUnit;

/**
 * When the next collection may be asked for. One that found an engine's objects mostly alive will find
 * the same for a while, yet must be repeated before anybody else is refused; an engine that stays full
 * would have the collector run all the time, at the expense of those that behave. So such a collection
 * is followed by a pause of a multiple of what it took, and whoever asks waits for so long. One that
 * frees most of what it was asked for is worth its time and only keeps {@code min-gc-interval}.
 *
 * <p>Any thread may ask; collections are one at a time.
 */
final class AssistPace {
  /** Collecting takes a quarter of the time at most. */
  private static final int PAUSES = 3;

  /** However long a collection took, nobody waits longer for the next to begin. */
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(10);

  private final long minInterval;
  private volatile Long notBefore;

  /**
   * A pace at which the first collection may begin at once.
   *
   * @param minInterval least nanoseconds between the beginnings of two
   */
  AssistPace(long minInterval) {
    this.minInterval = minInterval;
  }

  /** Nanoseconds, not positive if it may begin now. */
  long left(long now) {
    Long next = notBefore;
    return next == null ? 0 : next - now;
  }

  /**
   * A collection has ended.
   *
   * @param began when it began, by the clock of {@link #left}
   * @param ended when it ended
   * @param before bytes that the engine held when it began
   * @param freed bytes of them that were found dead; negative if the engine holds more
   */
  void collected(long began, long ended, long before, long freed) {
    long pause = freed >= before / 2 ? 0 : Math.min(LONGEST, PAUSES * (ended - began));
    notBefore = Math.max(began + minInterval, ended + pause);
  }
}
