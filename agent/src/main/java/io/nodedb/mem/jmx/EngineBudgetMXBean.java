package io.nodedb.mem.jmx;

/** One engine, {@code io.nodedb.mem:type=EngineBudget,engine=NAME}. Sizes are bytes. */
@Described("One engine's memory budget and ledgers")
public interface EngineBudgetMXBean {
  /**
   * The limit.
   *
   * @return bytes
   */
  @Described("Bytes that the engine may use; writable, not below Used nor past the ceiling")
  long getLimit();

  /**
   * Changes the limit.
   *
   * @param bytes the new limit
   * @throws IllegalArgumentException if it is below what is used, or the limits' sum would pass the
   *     ceiling; nothing has changed then
   */
  void setLimit(long bytes);

  /**
   * The limit as configured or set.
   *
   * @return bytes
   */
  @Described(
      "The limit as configured or set, in bytes; what Limit is less, is lent to other engines, what"
          + " it is more, is borrowed")
  long getBaseLimit();

  /**
   * The minimum.
   *
   * @return bytes
   */
  @Described("Bytes that rebalancing leaves the engine at least")
  long getMin();

  /**
   * The sum of the ledgers.
   *
   * @return bytes
   */
  @Described("Bytes in use: Heap + Native + Mapped + Reserved")
  long getUsed();

  /**
   * The heap ledger.
   *
   * @return bytes
   */
  @Described("Live Java heap attributed to the engine's scopes, in bytes")
  long getHeap();

  /**
   * The native ledger.
   *
   * @return bytes
   */
  @Described("Native memory in bytes")
  long getNative();

  /**
   * The mapped ledger.
   *
   * @return bytes
   */
  @Described("Memory-mapped bytes")
  long getMapped();

  /**
   * Explicit reservations.
   *
   * @return bytes
   */
  @Described("Explicit reservations and charges in bytes")
  long getReserved();

  /**
   * The highest use so far.
   *
   * @return bytes
   */
  @Described("The highest use so far, in bytes")
  long getPeak();

  /**
   * How far use was ever past the limit.
   *
   * @return bytes
   */
  @Described("The most that use was ever past the limit in force at that moment, in bytes")
  long getOverrun();

  /**
   * Heap allocated so far.
   *
   * @return bytes
   */
  @Described("Java heap allocated in the engine's scopes so far, collected or not, in bytes")
  long getAllocated();

  /**
   * Use as a share of the limit.
   *
   * @return percent
   */
  @Described("Used as a share of Limit, in percent")
  double getUtilizationPercent();

  /**
   * The engine's pressure.
   *
   * @return a level's name
   */
  @Described("Pressure on the limit: NORMAL, WARNING, CRITICAL or EMERGENCY")
  String getPressure();

  /**
   * Refused requests.
   *
   * @return how many
   */
  @Described("Requests refused so far")
  long getRejectionCount();

  /**
   * Over-releases.
   *
   * @return how many
   */
  @Described("Releases of more than was charged so far")
  long getOverReleaseCount();

  /**
   * Spills.
   *
   * @return how many
   */
  @Described("Calls of the engine's spill handlers that freed something so far")
  long getSpillCount();

  /**
   * What spills freed.
   *
   * @return bytes
   */
  @Described("What these calls freed, by the ledgers, in bytes")
  long getSpilledBytes();

  /**
   * What a breach does.
   *
   * @return reject, wait or observe
   */
  @Described("What a breach does: reject, wait or observe; writable")
  String getMode();

  /**
   * Changes what a breach does.
   *
   * @param mode reject, wait or observe
   * @throws IllegalArgumentException if it is anything else
   */
  void setMode(String mode);
}
