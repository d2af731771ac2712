package io.nodedb.mem.mapped;

import java.time.Duration;

/**
 * A manager's settings.
 *
 * @param windowSize bytes mapped at once; rounded up to whole pages, at least one
 * @param budget most bytes mapped at any moment; 0 = unlimited
 * @param headroom share of the budget, 0 to 0.5, left free when windows are evicted, so that one
 *     sweep serves many new windows
 * @param maxMappings most windows at any moment
 * @param maxFiles most files kept open
 * @param pinWait how long a pin waits for pins of other threads when all windows are pinned and the
 *     budget is full, before it is refused
 * @param lockLimit most bytes locked in memory
 */
public record MappingSettings(
    long windowSize,
    long budget,
    double headroom,
    int maxMappings,
    int maxFiles,
    Duration pinWait,
    long lockLimit) {
  /** 128 MiB windows under 4 GiB with 10 % headroom. */
  public static final MappingSettings DEFAULTS =
      new MappingSettings(
          128L << 20, 4L << 30, 0.10, 16_384, 1_024, Duration.ofMillis(250), 256L << 20);

  /** Checks the bounds. */
  public MappingSettings {
    require(windowSize > 0, "window-size", windowSize, "at least one page, such as 128MiB");
    require(budget >= 0, "budget", budget, "0 for unlimited, or a size such as 4GiB");
    require(headroom >= 0 && headroom <= 0.5, "headroom", headroom, "0 to 0.5");
    require(maxMappings > 0, "max-mappings", maxMappings, "at least 1, below vm.max_map_count");
    require(maxFiles > 0, "max-files", maxFiles, "at least 1");
    require(!pinWait.isNegative(), "pin-wait", pinWait, "0 or more");
    require(lockLimit >= 0, "lock-limit", lockLimit, "0 or more bytes");
  }

  /**
   * The same with another window size.
   *
   * @param bytes bytes mapped at once
   * @return a copy
   */
  public MappingSettings withWindowSize(long bytes) {
    return new MappingSettings(
        bytes, budget, headroom, maxMappings, maxFiles, pinWait, lockLimit);
  }

  /**
   * The same with another budget.
   *
   * @param bytes most bytes mapped; 0 = unlimited
   * @return a copy
   */
  public MappingSettings withBudget(long bytes) {
    return new MappingSettings(
        windowSize, bytes, headroom, maxMappings, maxFiles, pinWait, lockLimit);
  }

  /**
   * The same with another headroom.
   *
   * @param share 0 to 0.5
   * @return a copy
   */
  public MappingSettings withHeadroom(double share) {
    return new MappingSettings(
        windowSize, budget, share, maxMappings, maxFiles, pinWait, lockLimit);
  }

  /**
   * The same with other caps.
   *
   * @param mappings most windows
   * @param files most open files
   * @return a copy
   */
  public MappingSettings withCaps(int mappings, int files) {
    return new MappingSettings(
        windowSize, budget, headroom, mappings, files, pinWait, lockLimit);
  }

  /**
   * The same with another wait.
   *
   * @param wait how long a pin waits for room
   * @return a copy
   */
  public MappingSettings withPinWait(Duration wait) {
    return new MappingSettings(
        windowSize, budget, headroom, maxMappings, maxFiles, wait, lockLimit);
  }

  /**
   * The same with another limit on locked bytes.
   *
   * @param bytes most bytes locked
   * @return a copy
   */
  public MappingSettings withLockLimit(long bytes) {
    return new MappingSettings(
        windowSize, budget, headroom, maxMappings, maxFiles, pinWait, bytes);
  }

  private static void require(boolean ok, String key, Object value, String expected) {
    if (!ok) {
      throw new IllegalArgumentException(
          "mmap." + key + ": " + value + " (expected: " + expected + ")");
    }
  }
}
