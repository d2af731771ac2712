package io.nodedb.mem.jmx;

/** What arenas of the native allocator hold. All 0 if the allocator keeps no statistics. */
public interface ArenaBean {
  /**
   * What is handed out.
   *
   * @return bytes
   */
  @Described("Handed out by the arenas and not freed, in bytes; thread caches' blocks included")
  long getAllocated();

  /**
   * Pages in use.
   *
   * @return bytes
   */
  @Described("Pages that hold at least one block, in bytes")
  long getActive();

  /**
   * Physical memory.
   *
   * @return bytes
   */
  @Described("Physical memory of the arenas at most, in bytes")
  long getResident();

  /**
   * Address space.
   *
   * @return bytes
   */
  @Described("Address space in use by the arenas, in bytes")
  long getMapped();

  /**
   * Free pages that are resident.
   *
   * @return bytes
   */
  @Described("Free pages not given back to the system yet, in bytes")
  long getDirty();

  /**
   * Address space kept for reuse.
   *
   * @return bytes
   */
  @Described("Address space without memory kept for reuse, in bytes")
  long getRetained();

  /**
   * Share of active pages that holds nothing.
   *
   * @return percent
   */
  @Described("Share of Active that is not Allocated, in percent; a warning is logged past 25")
  double getFragmentationPercent();
}
