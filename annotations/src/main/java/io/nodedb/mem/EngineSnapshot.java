package io.nodedb.mem;

/**
 * One engine's budget at one moment. Sizes are bytes.
 *
 * @param name the engine
 * @param limit what {@code used} may not pass; {@link Long#MAX_VALUE} without the agent
 * @param min what rebalancing leaves the engine at least
 * @param used the sum of the ledgers: {@code heap + nativeBytes + mapped + reserved}
 * @param heap live heap attributed to the engine's scopes
 * @param nativeBytes native memory
 * @param mapped mapped memory
 * @param reserved explicit reservations and charges
 * @param peak the highest {@code used} so far; counts budget handed to threads ahead of use as used
 * @param overrun the most that {@code used} was ever past the limit in force at that moment; 0 if it
 *     never was. Looked for at each charge of what is allocated already, as nothing else can pass it
 * @param allocated heap bytes allocated in the engine's scopes since the start, collected or not:
 *     exact for platform threads; for virtual threads, which the JVM does not count, the sum of the
 *     heap samples' weights (or, where heap accounting is estimated, of checked arrays alone)
 * @param pressure the engine's level
 * @param mode what a breach does
 * @param rejections requests refused so far
 * @param overReleases releases of more than was charged so far
 * @param spills calls of spill handlers that freed something so far
 * @param spilledBytes what these calls freed
 */
public record EngineSnapshot(
    String name,
    long limit,
    long min,
    long used,
    long heap,
    long nativeBytes,
    long mapped,
    long reserved,
    long peak,
    long overrun,
    long allocated,
    PressureLevel pressure,
    BreachMode mode,
    long rejections,
    long overReleases,
    long spills,
    long spilledBytes) {

  /**
   * Share of the limit in use.
   *
   * @return percent, 0 to 100 and beyond if over the limit; 0 without the agent
   */
  public double utilizationPercent() {
    return limit == Long.MAX_VALUE || limit == 0 ? 0 : 100.0 * used / limit;
  }
}
