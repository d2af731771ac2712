package io.nodedb.mem.governor;

import io.nodedb.mem.PressureLevel;

/**
 * Where the pressure levels begin, as shares of a bound.
 *
 * @param warning share, 0 to 1
 * @param critical share, above warning
 * @param emergency share, above critical
 * @param hysteresis how far below its threshold a level is left, as a share
 */
public record PressureThresholds(
    double warning, double critical, double emergency, double hysteresis) {

  /** At least 1: an engine that uses nothing is under no pressure, whatever its limit. */
  long enter(PressureLevel level, long bound) {
    return Math.max(1, (long) Math.ceil(share(level) * bound));
  }

  long leave(PressureLevel level, long bound) {
    return Math.max(1, (long) Math.ceil((share(level) - hysteresis) * bound));
  }

  private double share(PressureLevel level) {
    return switch (level) {
      case NORMAL -> 0;
      case WARNING -> warning;
      case CRITICAL -> critical;
      case EMERGENCY -> emergency;
    };
  }
}
