package io.nodedb.mem.mapped;

import io.nodedb.mem.MappingStatistics;
import java.util.Map;

/**
 * A manager's figures at one moment.
 *
 * @param budget most bytes mapped; 0 = unlimited
 * @param total over all windows
 * @param engines by engine
 * @param fields by engine and field
 * @param files files known
 * @param openFiles files kept open
 * @param refusals pins refused for want of room
 * @param lockedBytes bytes locked in memory
 */
public record MappingSnapshot(
    long budget,
    MappingStatistics total,
    Map<String, MappingStatistics> engines,
    Map<Field, MappingStatistics> fields,
    int files,
    int openFiles,
    long refusals,
    long lockedBytes) {
  /**
   * Who a window belongs to.
   *
   * @param engine the engine that is charged
   * @param name the field: an index, a segment, a region
   */
  public record Field(String engine, String name) {}

  static MappingSnapshot none(long budget) {
    return new MappingSnapshot(
        budget, MappingStatistics.ZERO, Map.of(), Map.of(), 0, 0, 0, 0);
  }

  /**
   * Share of the budget in use.
   *
   * @return percent, 0 if the budget is unlimited
   */
  public double utilizationPercent() {
    return budget == 0 ? 0 : 100.0 * total.bytes() / budget;
  }
}
