package io.nodedb.mem;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;

/**
 * Native memory of engines, beyond {@link MemoryGovernor#arena}. Thread-safe. Where something is not
 * available on this system, it does without and says so once in the log: no method fails for that.
 */
public interface NativeMemory {
  /**
   * An allocator with explicit free.
   *
   * @param engine the engine to charge
   * @param options how it differs from one that is confined to this thread and hands out zeroed memory
   * @return the allocator, to be closed
   * @throws UnknownEngineException if there is no such engine
   */
  NativeAllocator allocator(String engine, ArenaOption... options);

  /**
   * The arena of a collection, made at the first call.
   *
   * @param engine the engine to charge
   * @param tenant the tenant
   * @param collection the collection
   * @return the same arena for the same tenant and collection
   * @throws UnknownEngineException if there is no such engine
   * @throws IllegalArgumentException if the collection's arena belongs to another engine
   */
  CollectionArena collection(String engine, String tenant, String collection);

  /**
   * The arena of a collection, if there is one.
   *
   * @param tenant the tenant
   * @param collection the collection
   * @return the arena, or empty if {@link #collection} was never called for it
   */
  Optional<CollectionArena> findCollection(String tenant, String collection);

  /**
   * Makes the current thread's native allocations come from an engine's arena. With jemalloc
   * preloaded that includes what JNI libraries allocate.
   *
   * @param engine the engine
   * @return to be closed by this thread, in reverse order of pinning: restores the arena before
   * @throws UnknownEngineException if there is no such engine
   */
  Registration pinCurrentThread(String engine);

  /**
   * Makes the current thread's native allocations come from an arena of the allocator.
   *
   * @param arena its index; past the last one a new arena is made
   * @return to be closed by this thread, in reverse order of pinning: restores the arena before
   * @throws IllegalArgumentException if the index is negative
   */
  Registration pinCurrentThread(int arena);

  /**
   * The arena of the current thread.
   *
   * @return its index, empty if the allocator has no arenas
   */
  OptionalInt currentArena();

  /**
   * One thread for each core given, pinned to the core, to the engine's arena of the core's NUMA node
   * and to that node's memory. A task stays on the thread that took it; tasks queue in order of
   * arrival.
   *
   * @param engine the engine; tasks run in its scope
   * @param threads how many; at most one for each core this process may run on
   * @return the executor, to be closed
   * @throws UnknownEngineException if there is no such engine
   * @throws IllegalArgumentException if there are fewer cores, or {@code threads} is below 1
   */
  ExecutorService threadPerCore(String engine, int threads);

  /**
   * The allocator's figures now: allocated, active, resident, mapped, dirty and retained bytes, of
   * each engine and of all. Takes some tens of microseconds.
   *
   * @return the figures
   */
  NativeSnapshot snapshot();
}
