package io.nodedb.mem;

import java.time.Duration;
import java.util.Objects;

/**
 * How to open an {@link OverflowRegion}. Start from {@link #defaults()}.
 *
 * @param initialBytes size of a new payload file; it doubles when full
 * @param maxBytes what the payload file may grow to
 * @param durability when a write counts as done
 * @param commitWindow with {@link Durability#ASYNC}: the longest time between an acknowledged write
 *     and the start of the forced write that makes it durable
 * @param checkpointLogBytes a checkpoint is made when the log has grown by this much
 * @param checkpointAge a checkpoint is made when the last one is this old and anything changed
 * @param retainedCheckpoints how many checkpoints are kept, 1 to 16
 * @param payloadCheck when a payload's CRC is checked
 */
public record OverflowOptions(
    long initialBytes,
    long maxBytes,
    Durability durability,
    Duration commitWindow,
    long checkpointLogBytes,
    Duration checkpointAge,
    int retainedCheckpoints,
    PayloadCheck payloadCheck) {

  /** When a write counts as done. */
  public enum Durability {
    /** In memory and page cache; durable at the next checkpoint. */
    NONE,
    /** In memory; durable within {@link OverflowOptions#commitWindow()} and one forced write. */
    ASYNC,
    /** Durable before the call returns. Concurrent calls share one forced write. */
    SYNC
  }

  /** When the CRC of a payload is compared with its bytes. */
  public enum PayloadCheck {
    /** At every read. */
    ALWAYS,
    /** At the first read of a slot since the region was opened. */
    FIRST_TOUCH,
    /** Never; for payloads that carry a checksum of their own. */
    NEVER
  }

  /** Smallest payload file. */
  private static final long MIN_BYTES = 64 << 10;

  /** Checks the values. */
  public OverflowOptions {
    Objects.requireNonNull(durability, "durability");
    Objects.requireNonNull(commitWindow, "commitWindow");
    Objects.requireNonNull(checkpointAge, "checkpointAge");
    Objects.requireNonNull(payloadCheck, "payloadCheck");
    check(initialBytes >= MIN_BYTES, "initialBytes", initialBytes, "at least 65536");
    check(maxBytes >= initialBytes, "maxBytes", maxBytes, "at least initialBytes");
    check(commitWindow.isPositive(), "commitWindow", commitWindow, "more than 0");
    check(checkpointAge.isPositive(), "checkpointAge", checkpointAge, "more than 0");
    check(checkpointLogBytes >= 4096, "checkpointLogBytes", checkpointLogBytes, "at least 4096");
    check(
        retainedCheckpoints >= 1 && retainedCheckpoints <= 16,
        "retainedCheckpoints", retainedCheckpoints, "1 to 16");
  }

  /**
   * The defaults: 64 MiB growing to 1 GiB, asynchronous with a window of 10 ms, a checkpoint every
   * 8 MiB of log or 60 s, two checkpoints retained, payloads checked at first touch.
   *
   * @return the defaults
   */
  public static OverflowOptions defaults() {
    return new OverflowOptions(
        64L << 20, 1L << 30, Durability.ASYNC, Duration.ofMillis(10), 8L << 20,
        Duration.ofSeconds(60), 2, PayloadCheck.FIRST_TOUCH);
  }

  /**
   * The same with another size.
   *
   * @param initial size of a new payload file
   * @param max what it may grow to
   * @return the options
   */
  public OverflowOptions withSize(long initial, long max) {
    return new OverflowOptions(
        initial, max, durability, commitWindow, checkpointLogBytes, checkpointAge,
        retainedCheckpoints, payloadCheck);
  }

  /**
   * The same with another durability.
   *
   * @param value when a write counts as done
   * @return the options
   */
  public OverflowOptions withDurability(Durability value) {
    return new OverflowOptions(
        initialBytes, maxBytes, value, commitWindow, checkpointLogBytes, checkpointAge,
        retainedCheckpoints, payloadCheck);
  }

  /**
   * The same with another window for {@link Durability#ASYNC}.
   *
   * @param value the window
   * @return the options
   */
  public OverflowOptions withCommitWindow(Duration value) {
    return new OverflowOptions(
        initialBytes, maxBytes, durability, value, checkpointLogBytes, checkpointAge,
        retainedCheckpoints, payloadCheck);
  }

  /**
   * The same with other moments for checkpoints.
   *
   * @param logBytes log growth that causes one
   * @param age age of the last that causes one
   * @param retained how many are kept
   * @return the options
   */
  public OverflowOptions withCheckpoints(long logBytes, Duration age, int retained) {
    return new OverflowOptions(
        initialBytes, maxBytes, durability, commitWindow, logBytes, age, retained, payloadCheck);
  }

  /**
   * The same with another check of payloads.
   *
   * @param value when a payload's CRC is checked
   * @return the options
   */
  public OverflowOptions withPayloadCheck(PayloadCheck value) {
    return new OverflowOptions(
        initialBytes, maxBytes, durability, commitWindow, checkpointLogBytes, checkpointAge,
        retainedCheckpoints, value);
  }

  private static void check(boolean good, String name, Object value, String expected) {
    if (!good) {
      throw new IllegalArgumentException(
          "overflow " + name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
