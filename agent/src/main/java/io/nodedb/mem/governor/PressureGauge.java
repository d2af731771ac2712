package io.nodedb.mem.governor;

import io.nodedb.mem.PressureLevel;
import java.util.function.LongSupplier;

/**
 * The pressure level of one bound, with hysteresis: a level is entered when use reaches its threshold
 * and left when use falls below the threshold by the hysteresis, so that use swinging around a
 * threshold makes one transition.
 *
 * <p>{@link #crossed} is the hot path: two volatile reads tell whether use left the band in which the
 * level stays. Only then {@link #evaluate} takes the monitor, reads use again and moves the level.
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

  /** Whether that much use means another level than the present one, give or take leases. */
  boolean crossed(long now) {
    return now >= raiseAt || now < lowerBelow;
  }

  synchronized void bound(long newBound) {
    bound = newBound;
    band(level);
    evaluate("limit");
  }

  synchronized void evaluate(String cause) {
    long now = used.getAsLong();
    PressureLevel before = level;
    PressureLevel after = before;
    while (after != PressureLevel.EMERGENCY && now >= thresholds.enter(LEVELS[after.ordinal() + 1], bound)) {
      after = LEVELS[after.ordinal() + 1];
    }
    if (after == before) {
      while (after != PressureLevel.NORMAL && now < thresholds.leave(after, bound)) {
        after = LEVELS[after.ordinal() - 1];
      }
    }
    if (after != before) {
      level = after;
      band(after);
      sink.changed(before, after, now, bound, cause);
    }
  }

  private void band(PressureLevel at) {
    raiseAt =
        at == PressureLevel.EMERGENCY
            ? Long.MAX_VALUE
            : thresholds.enter(LEVELS[at.ordinal() + 1], bound);
    lowerBelow = at == PressureLevel.NORMAL ? Long.MIN_VALUE : thresholds.leave(at, bound);
  }
}
