package io.nodedb.mem.jmx;

/** The native allocator, {@code io.nodedb.mem:type=NativeMemory}. Sizes are bytes. */
@Described("The native allocator and what all its arenas hold")
public interface NativeMemoryMXBean extends ArenaBean {
  /**
   * The allocator.
   *
   * @return how it was found, its version, what it can do
   */
  @Described("Which allocator serves native memory, how it was found, what it can do")
  String getAllocator();

  /**
   * Whether the allocator counts.
   *
   * @return false if the sizes here are all 0
   */
  @Described("Whether the allocator keeps statistics; if not, sizes are 0")
  boolean getStatistics();

  /**
   * Whether what JNI libraries allocate is known.
   *
   * @return true with a preloaded jemalloc that counts
   */
  @Described("Whether what JNI libraries allocate on pinned threads is charged to their engines")
  boolean getAttribution();

  /**
   * Gives free pages back to the system.
   *
   * @return whether the allocator can
   */
  @Described("Gives the free pages of all arenas back to the system; false if it cannot")
  boolean purge();
}
