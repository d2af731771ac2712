package io.nodedb.mem;

/** How near an engine, or the whole process, is to its bound. Thresholds are configured. */
public enum PressureLevel {
  /** Below the warning threshold. */
  NORMAL,
  /** At 70 % or more by default. */
  WARNING,
  /** At 85 % or more by default. */
  CRITICAL,
  /** At 95 % or more by default. */
  EMERGENCY
}
