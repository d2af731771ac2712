package io.nodedb.mem.jmx;

/** All mapped windows, {@code io.nodedb.mem:type=MappedMemory}. Sizes are bytes. */
@Described("Files mapped in windows under one budget")
public interface MappedMemoryMXBean {
  /**
   * The budget.
   *
   * @return bytes, 0 if unlimited
   */
  @Described("Bytes that windows may map at a time; 0 if unlimited")
  long getBudget();

  /**
   * Bytes mapped.
   *
   * @return bytes
   */
  @Described("Bytes mapped now")
  long getMapped();

  /**
   * Use as a share of the budget.
   *
   * @return percent
   */
  @Described("Mapped as a share of Budget, in percent; 0 if unlimited")
  double getUtilizationPercent();

  /**
   * Pages in memory.
   *
   * @return bytes
   */
  @Described("Bytes of windows whose pages are in memory; asks the kernel about each page")
  long getResident();

  /**
   * Windows.
   *
   * @return how many
   */
  @Described("Windows mapped now")
  long getWindows();

  /**
   * Open pins.
   *
   * @return how many
   */
  @Described("Pins open now")
  long getLivePins();

  /**
   * All pins.
   *
   * @return how many
   */
  @Described("Pins opened so far")
  long getPinCount();

  /**
   * Windows mapped.
   *
   * @return how many
   */
  @Described("Windows mapped so far")
  long getMapCount();

  /**
   * Windows unmapped.
   *
   * @return how many
   */
  @Described("Windows unmapped so far")
  long getEvictionCount();

  /**
   * Bytes unmapped.
   *
   * @return bytes
   */
  @Described("Bytes unmapped so far")
  long getEvictedBytes();

  /**
   * Refused pins.
   *
   * @return how many
   */
  @Described("Pins refused so far for want of room")
  long getRefusalCount();

  /**
   * Open files.
   *
   * @return how many
   */
  @Described("Files kept open")
  long getOpenFiles();

  /**
   * Locked bytes.
   *
   * @return bytes
   */
  @Described("Bytes of windows locked in memory")
  long getLocked();
}
