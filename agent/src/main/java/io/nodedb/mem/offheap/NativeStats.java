package io.nodedb.mem.offheap;

import java.util.List;
import java.util.Optional;

/**
 * The native ledger's figures at one moment.
 *
 * @param allocator which allocator, and what it can do
 * @param statistics whether the allocator counts; if not, its figures are 0 and engines show what
 *     calls charged
 * @param attribution whether what JNI libraries allocate on pinned threads is known
 * @param global the whole allocator's figures
 * @param engines each engine's
 */
public record NativeStats(
    String allocator,
    boolean statistics,
    boolean attribution,
    ArenaFigures global,
    List<EngineFigures> engines) {
  /**
   * One engine's native memory, in bytes.
   *
   * @param engine its name
   * @param charged what calls charged and have not released
   * @param external what pinned threads allocated without being charged
   * @param arenas the indices of its arenas
   * @param figures the sums over its arenas
   */
  public record EngineFigures(
      String engine, long charged, long external, List<Integer> arenas, ArenaFigures figures) {}

  /**
   * One engine's figures.
   *
   * @param engine its name
   * @return the figures, or empty if there is no such engine
   */
  public Optional<EngineFigures> of(String engine) {
    return engines.stream().filter(e -> e.engine().equals(engine)).findAny();
  }
}
