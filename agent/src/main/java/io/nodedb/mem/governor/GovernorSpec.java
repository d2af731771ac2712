package io.nodedb.mem.governor;

import java.util.List;

/**
 * What a governor is made from. The limits' sum is within the ceiling; the caller has checked.
 *
 * @param ceiling bytes all engines may use together
 * @param heapCeiling bytes all engines' heap ledgers may hold together
 * @param engines the engines
 * @param thresholds where pressure levels begin
 * @param rebalance how idle budget moves
 */
public record GovernorSpec(
    long ceiling,
    long heapCeiling,
    List<EngineSpec> engines,
    PressureThresholds thresholds,
    RebalanceSpec rebalance) {

  /**
   * With limits that stay where they are set.
   *
   * @param ceiling bytes all engines may use together
   * @param heapCeiling bytes all engines' heap ledgers may hold together
   * @param engines the engines
   * @param thresholds where pressure levels begin
   */
  public GovernorSpec(
      long ceiling, long heapCeiling, List<EngineSpec> engines, PressureThresholds thresholds) {
    this(ceiling, heapCeiling, engines, thresholds, RebalanceSpec.OFF);
  }
}
