package io.nodedb.mem.mapped;

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
    MappingStats total,
    Map<String, MappingStats> engines,
    Map<Field, MappingStats> fields,
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

  /**
   * Share of the budget in use.
   *
   * @return percent, 0 if the budget is unlimited
   */
  public double utilizationPercent() {
    return budget == 0 ? 0 : 100.0 * total.bytes() / budget;
  }
}
