package io.nodedb.mem.config;

/**
 * The heap ledger.
 *
 * @param samplingIntervalBytes mean bytes between two samples: {@link #AUTO}, 0 (every allocation),
 *     or a number up to {@link Integer#MAX_VALUE}
 * @param gateThreshold arrays of at least so many bytes are checked before they are allocated
 * @param minGcIntervalNanos least time between two collections that the agent asks for
 * @param tickerIntervalNanos how often threads inside scopes are charged, more than 0
 * @param grace bytes that an unwinding call may still allocate after a refusal
 */
public record HeapSettings(
    long samplingIntervalBytes,
    long gateThreshold,
    long minGcIntervalNanos,
    long tickerIntervalNanos,
    long grace) {

  /** A sampling interval chosen from the smallest engine limit. */
  public static final long AUTO = -1;
}
