package io.nodedb.mem;

/**
 * What a native allocator's arenas hold, in bytes.
 *
 * @param allocated handed out to the program, and what thread caches keep of it
 * @param active pages that hold at least one allocated block
 * @param resident physical memory, an upper bound
 * @param mapped address space in use
 * @param dirty free pages not yet given back to the system
 * @param retained address space kept for reuse without physical memory
 * @param cached the part of {@code allocated} that waits in thread caches
 */
public record ArenaFigures(
    long allocated,
    long active,
    long resident,
    long mapped,
    long dirty,
    long retained,
    long cached) {
  /** Nothing. */
  public static final ArenaFigures NONE = new ArenaFigures(0, 0, 0, 0, 0, 0, 0);

  /**
   * Adds others'.
   *
   * @param o the others
   * @return the sums
   */
  public ArenaFigures plus(ArenaFigures o) {
    return new ArenaFigures(
        allocated + o.allocated,
        active + o.active,
        resident + o.resident,
        mapped + o.mapped,
        dirty + o.dirty,
        retained + o.retained,
        cached + o.cached);
  }

  /**
   * Share of active pages that holds nothing.
   *
   * @return {@code (active - allocated) / active}, 0 to 1; 0 if nothing is active
   */
  public double fragmentation() {
    return active <= 0 ? 0 : Math.max(0, (double) (active - allocated) / active);
  }
}
