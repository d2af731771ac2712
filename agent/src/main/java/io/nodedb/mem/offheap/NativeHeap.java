package io.nodedb.mem.offheap;

/**
 * Where native memory comes from. Thread-safe, but a place that names a thread cache may be used by
 * one thread at a time. Addresses are never touched here.
 */
interface NativeHeap {
  /** In place of a thread cache: none. */
  int NO_CACHE = -2;

  /** The allocator, for people. */
  String describe();

  /**
   * Bytes that a block really takes.
   *
   * @param size 1 or more
   * @param alignment a power of two
   * @return the size of its class; {@link Long#MAX_VALUE} if no block can be that large
   */
  long usable(long size, long alignment);

  /** Whether small blocks have the classes that {@link SizeClasses} numbers. */
  boolean classesNumbered();

  /**
   * Allocates a block.
   *
   * @param size 1 or more
   * @param alignment a power of two
   * @param place from {@link #place}
   * @param zero whether to clear it
   * @return its address, 0 if there is no memory
   */
  long allocate(long size, long alignment, int place, boolean zero);

  /**
   * Frees a block.
   *
   * @param address what {@link #allocate} returned
   * @param size as it was allocated
   * @param alignment as it was allocated
   * @param place from {@link #place}, of any arena
   */
  void free(long address, long size, long alignment, int place);

  /**
   * Where to allocate.
   *
   * @param arena index of an arena, or -1 for any
   * @param cache a thread cache, -1 for the calling thread's own, or {@link #NO_CACHE}
   * @return the place
   */
  int place(int arena, int cache);

  /**
   * Makes a thread cache.
   *
   * @return its number, or -1 if there is no such thing or no more of them
   */
  int newCache();

  /**
   * Empties a thread cache and gives it up. Nobody may be using it.
   *
   * @param cache its number
   */
  void dropCache(int cache);

  /**
   * Makes an arena.
   *
   * @return its index, or -1 if there is no such thing or no more of them
   */
  int newArena();
}
