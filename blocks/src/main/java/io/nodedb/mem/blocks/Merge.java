package io.nodedb.mem.blocks;

/** How two values of one group become one. */
public enum Merge {
  /** Their sum, wrapping as {@code long} does; a count is a sum of ones. */
  SUM,
  /** The smaller. */
  MIN,
  /** The larger. */
  MAX;

  long apply(long a, long b) {
    return switch (this) {
      case SUM -> a + b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
    };
  }
}
