package io.nodedb.mem.jmx;

/** The whole process, {@code io.nodedb.mem:type=MemoryGovernor}. Sizes are bytes. */
@Described("All engines' memory under one ceiling")
public interface MemoryGovernorMXBean {
  /**
   * The ceiling.
   *
   * @return bytes
   */
  @Described("Bytes that all engines together may use")
  long getCeiling();

  /**
   * The heap ceiling.
   *
   * @return bytes
   */
  @Described("Bytes of Java heap that all engines together may use")
  long getHeapCeiling();

  /**
   * What all engines use.
   *
   * @return bytes
   */
  @Described("Bytes that all engines together use")
  long getUsed();

  /**
   * The highest use so far.
   *
   * @return bytes
   */
  @Described("The highest use so far, in bytes")
  long getPeak();

  /**
   * The resident set.
   *
   * @return bytes, -1 if unknown
   */
  @Described("The process's resident set in bytes; -1 if the system does not tell")
  long getRss();

  /**
   * The resident set without engines and JVM.
   *
   * @return bytes, -1 if unknown
   */
  @Described(
      "Resident bytes that are neither an engine's nor the JVM's: Rss - Used - Jvm, at least 0;"
          + " -1 if the resident set is not known")
  long getUnattributed();

  /**
   * The JVM's own memory.
   *
   * @return bytes
   */
  @Described(
      "Bytes of the JVM's own: metaspace and code as committed; collector and thread stacks as"
          + " estimated; at most Rss - Used")
  long getJvm();

  /**
   * What the control group holds.
   *
   * @return bytes, -1 if unknown
   */
  @Described("Bytes that the control group holds and the kernel cannot just drop; -1 if not told")
  long getGroupHeld();

  /**
   * The control group's limit.
   *
   * @return bytes, -1 if there is none
   */
  @Described("The control group's limit in bytes; -1 if there is none")
  long getGroupLimit();

  /**
   * The process's pressure.
   *
   * @return a level's name
   */
  @Described("Pressure on the ceiling: NORMAL, WARNING, CRITICAL or EMERGENCY")
  String getPressure();

  /**
   * Refused requests.
   *
   * @return how many, over all engines
   */
  @Described("Requests refused so far, over all engines")
  long getRejectionCount();

  /**
   * Over-releases.
   *
   * @return how many, over all engines
   */
  @Described("Releases of more than was charged so far, over all engines")
  long getOverReleaseCount();

  /**
   * Moves of budget.
   *
   * @return how many
   */
  @Described("How often budget has moved from one engine to another so far")
  long getRebalanceCount();

  /**
   * The work that rebalancing expects.
   *
   * @return auto, bulk-ingestion, query-heavy, mixed or memory-constrained
   */
  @Described(
      "The work that rebalancing expects: auto, bulk-ingestion, query-heavy, mixed or"
          + " memory-constrained; writable")
  String getWorkloadHint();

  /**
   * Changes the work that rebalancing expects.
   *
   * @param hint auto, bulk-ingestion, query-heavy, mixed or memory-constrained
   * @throws IllegalArgumentException if it is anything else
   */
  void setWorkloadHint(String hint);

  /**
   * Runs a round of rebalancing now, as if its interval were over.
   *
   * @return moves made
   */
  @Described("Runs a round of rebalancing now, as if its interval were over; returns the moves made")
  int rebalance();

  /**
   * How live heap is known.
   *
   * @return sampled or estimated
   */
  @Described("How engines' live heap is known: sampled or estimated")
  String getHeapAccounting();

  /**
   * Changes an engine's limit.
   *
   * @param engine the engine
   * @param bytes the new limit
   * @throws IllegalArgumentException if there is no such engine, the limit is below its use, or the
   *     limits' sum would pass the ceiling; nothing has changed then
   */
  @Described("Changes an engine's limit; not below its use, nor past what the ceiling leaves")
  void setEngineLimit(
      @Described(name = "engine", value = "The engine's name") String engine,
      @Described(name = "bytes", value = "The new limit in bytes") long bytes);
}
