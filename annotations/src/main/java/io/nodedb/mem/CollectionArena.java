package io.nodedb.mem;

import java.lang.foreign.Arena;
import java.util.OptionalInt;

/** Native memory of one collection of one tenant, kept apart from other collections' memory. */
public interface CollectionArena {
  /**
   * The engine that is charged.
   *
   * @return its name
   */
  String engine();

  /**
   * The tenant.
   *
   * @return its name
   */
  String tenant();

  /**
   * The collection.
   *
   * @return its name
   */
  String collection();

  /**
   * The allocator's arena that holds the memory.
   *
   * @return its index; the engine's own arena if none could be made for the collection; empty if the
   *     allocator has no arenas
   */
  OptionalInt index();

  /**
   * Physical memory the arena occupies. Never throws.
   *
   * @return bytes; 0 if the allocator keeps no statistics
   */
  long resident();

  /**
   * An arena on the collection's memory, as {@link MemoryGovernor#arena}.
   *
   * @param options how it differs from a confined arena of zeroed memory
   * @return the arena, to be closed
   */
  Arena arena(ArenaOption... options);
}
