package io.nodedb.mem;

import java.util.List;
import java.util.Optional;

/**
 * Native memory at one moment.
 *
 * @param allocator which allocator, how it was found, and what it can do, in words
 * @param statistics whether the allocator counts; if not, its figures are 0, and an engine's {@code
 *     allocated} is what calls charged
 * @param attribution whether what JNI libraries allocate on pinned threads is known
 * @param global the whole allocator's figures
 * @param engines each engine's, in the order of their configuration; empty while no native memory was
 *     asked for, and without the agent
 */
public record NativeSnapshot(
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
   * What there is before an allocator serves.
   *
   * @param allocator what can be said of it
   * @return zeros
   */
  public static NativeSnapshot idle(String allocator) {
    return new NativeSnapshot(allocator, false, false, ArenaFigures.NONE, List.of());
  }

  /**
   * One engine's figures.
   *
   * @param engine its name
   * @return the figures, or empty if there are none of such an engine
   */
  public Optional<EngineFigures> of(String engine) {
    return engines.stream().filter(e -> e.engine().equals(engine)).findAny();
  }
}
