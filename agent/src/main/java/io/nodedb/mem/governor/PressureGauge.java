package io.nodedb.mem.governor;

import io.nodedb.mem.PressureLevel;
import java.util.function.LongSupplier;

/**
 * The pressure level of one bound, with hysteresis: a level is entered when use reaches its threshold
 * and left when use falls below the threshold by the hysteresis, so that use swinging around a
 * threshold makes one transition.
 *
 * <p>{@link #moved} is the hot path: two volatile reads tell whether use left the band in which the
 * level stays. The caller's figure counts what leases hold ahead, so a use near a threshold can seem
 * to have left it for long; use without leases is looked at next, and only if that left the band
 * {@link #evaluate} takes the monitor and moves the level.
 *
 * <p>No transition is missed: use is moved before the band is read, the band is moved before use is
 * read again, so of two threads that pass each other one sees what the other did.
 */
final class PressureGauge {
  /** Told of a change of level, in order, under the gauge's monitor: must not block. */
  interface Sink {
    void changed(PressureLevel from, PressureLevel to, long used, long bound, String cause);
  }

  private static final PressureLevel[] LEVELS = PressureLevel.values();

  private final PressureThresholds thresholds;
  private final LongSupplier used;
  private final Sink sink;

  /** Guarded by this. */
  private long bound;

  private volatile PressureLevel level = PressureLevel.NORMAL;
  private volatile long raiseAt;
  private volatile long lowerBelow;

  PressureGauge(PressureThresholds thresholds, long bound, LongSupplier used, Sink sink) {
    this.thresholds = thresholds;
    this.used = used;
    this.sink = sink;
    this.bound = bound;
    band(PressureLevel.NORMAL);
  }

  PressureLevel level() {
    return level;
  }

  /** Use is that much now, leases included: moves the level if need be. */
  void moved(long now, String cause) {
    if (due(now)) {
      evaluate(cause);
    }
  }

  /** Moves the level if need be, whatever the leases hold. */
  void settle(String cause) {
    if (outside(used.getAsLong())) {
      evaluate(cause);
    }
  }

  /** Whether that much use, leases included, means another level. Takes no lock. */
  boolean due(long now) {
    return outside(now) && outside(used.getAsLong());
  }

  private boolean outside(long now) {
    return now >= raiseAt || now < lowerBelow;
  }

  synchronized void bound(long newBound) {
    bound = newBound;
    band(level);
    evaluate("limit");
  }

  synchronized void evaluate(String cause) {
    PressureLevel before;
    do {
      before = level;
      long now = used.getAsLong();
      PressureLevel after = levelFor(now);
      if (after != before) {
        level = after;
        band(after);
        sink.changed(before, after, now, bound, cause);
      }
    } while (level != before);
  }

  private PressureLevel levelFor(long now) {
    PressureLevel at = level;
    while (at != PressureLevel.EMERGENCY
        && now >= thresholds.enter(LEVELS[at.ordinal() + 1], bound)) {
      at = LEVELS[at.ordinal() + 1];
    }
    if (at == level) {
      while (at != PressureLevel.NORMAL && now < thresholds.leave(at, bound)) {
        at = LEVELS[at.ordinal() - 1];
      }
    }
    return at;
  }

  private void band(PressureLevel at) {
    raiseAt =
        at == PressureLevel.EMERGENCY
            ? Long.MAX_VALUE
            : thresholds.enter(LEVELS[at.ordinal() + 1], bound);
    lowerBelow = at == PressureLevel.NORMAL ? Long.MIN_VALUE : thresholds.leave(at, bound);
  }
}
