package io.nodedb.mem.spill;

/**
 * An engine as its controllers see it when they decide.
 *
 * @param now nanoseconds
 * @param used bytes
 * @param limit bytes
 * @param start use at which spilling begins
 * @param restore use that spilling aims at
 * @param missing bytes that requests which wait for a spill lack
 * @param awaited whether there are such requests
 * @param freeing bytes asked of handlers that are at work
 * @param filling bytes offered to handlers that are at work
 */
record Moment(
    long now,
    long used,
    long limit,
    long start,
    long restore,
    long missing,
    boolean awaited,
    long freeing,
    long filling) {
  /** Steps of use smaller than this share of the limit are no reason to do anything again. */
  private static final int STEP_SHIFT = 6;

  /** The same with a call under way. */
  Moment with(SpillCall call) {
    long frees = call.kind == SpillCall.Kind.SPILL ? call.bytes : 0;
    long fills = call.kind == SpillCall.Kind.RESTORE ? call.bytes : 0;
    return new Moment(
        now, used, limit, start, restore, missing, awaited, freeing + frees, filling + fills);
  }

  /** What a spill should free that nobody was asked for yet; 0 or less if there is nothing. */
  long wanted() {
    return Math.max(0, used - restore) + missing - freeing;
  }

  /** What may be restored. */
  long available() {
    return restore - used - filling;
  }

  /** The least room that is offered. */
  long worthRestoring() {
    return Math.max(1, limit >> STEP_SHIFT);
  }

  /** Use from which on one that had nothing to give may have something again. */
  long grown() {
    return grownFrom(used);
  }

  /** The same, for one that was asked at another use. */
  long grownFrom(long usedThen) {
    return usedThen + Math.max(1, limit >> STEP_SHIFT);
  }
}
