package io.nodedb.mem;

/**
 * Figures over some windows: all of them, an engine's or a field's.
 *
 * @param windows windows mapped now
 * @param bytes bytes mapped now
 * @param livePins pins open now
 * @param pins pins opened so far
 * @param maps windows mapped so far
 * @param evictions windows unmapped so far
 * @param evictedBytes bytes unmapped so far
 */
public record MappingStatistics(
    long windows,
    long bytes,
    long livePins,
    long pins,
    long maps,
    long evictions,
    long evictedBytes) {
  /** Nothing yet. */
  public static final MappingStatistics ZERO = new MappingStatistics(0, 0, 0, 0, 0, 0, 0);

  /**
   * The sum of two.
   *
   * @param other the other
   * @return the sum
   */
  public MappingStatistics plus(MappingStatistics other) {
    return new MappingStatistics(
        windows + other.windows,
        bytes + other.bytes,
        livePins + other.livePins,
        pins + other.pins,
        maps + other.maps,
        evictions + other.evictions,
        evictedBytes + other.evictedBytes);
  }
}
