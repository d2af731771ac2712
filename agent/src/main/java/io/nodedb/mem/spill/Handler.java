package io.nodedb.mem.spill;

import io.nodedb.mem.Spillable;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/** A registered {@link Spillable}, and how it has behaved. Guarded by its engine's monitor. */
final class Handler {
  /** The order of spilling; restoration goes the other way. */
  static final Comparator<Handler> FIRST_TO_SPILL =
      Comparator.<Handler>comparingInt(h -> h.priority).thenComparing(h -> -(long) h.coldness);

  /** How long one that had nothing to give is left alone, unless use has grown by then. */
  private static final long EMPTY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long a shortage may last until one that failed is tried again within it. */
  private static final long FAILED_NANOS = TimeUnit.MINUTES.toNanos(1);

  final Spillable spillable;
  final int priority;

  /** As it said when the present shortage began. */
  int coldness;

  /** The call that was given up and has not returned. */
  SpillCall hung;

  /** Whether it has spilled something that it did not take back. */
  boolean owes;

  private boolean asked;
  private long askAgainAt;
  private long askAgainFrom;

  Handler(Spillable spillable, int priority) {
    this.spillable = spillable;
    this.priority = priority;
  }

  /** A line in an event has to name somebody: the class is what its author recognizes. */
  String name() {
    return spillable.getClass().getName();
  }

  /** Whether it may be asked for memory. */
  boolean mayBeAsked(long now, long used) {
    return hung == null && (!asked || now - askAgainAt >= 0 || used >= askAgainFrom);
  }

  /** It freed next to nothing: it is left alone until there may be more. */
  void empty(long now, long grown) {
    asked = true;
    askAgainAt = now + EMPTY_NANOS;
    askAgainFrom = grown;
  }

  /** It failed: it is left alone for this shortage. */
  void failed(long now) {
    asked = true;
    askAgainAt = now + FAILED_NANOS;
    askAgainFrom = Long.MAX_VALUE;
  }

  /** Whether it is left alone, for a while or until the shortage is over. */
  boolean isLeftAlone() {
    return asked;
  }

  /** The shortage is over. */
  void forgive() {
    asked = false;
  }
}
