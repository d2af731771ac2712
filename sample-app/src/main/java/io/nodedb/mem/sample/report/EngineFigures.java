package io.nodedb.mem.sample.report;

import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.sample.engine.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One engine's figures at one moment.
 *
 * @param name the engine
 * @param limit its budget in bytes, or null if it has none
 * @param peak the most it used, in bytes, or null without the agent
 * @param overrun the most it was ever past its budget, in bytes, or null without the agent
 * @param used what it uses, in bytes, or null without the agent
 * @param rejections refused requests for memory
 * @param operations finished operations
 * @param p50Ms their median latency in milliseconds
 * @param p99Ms the latency that one in a hundred exceeds, in milliseconds
 */
public record EngineFigures(
    String name,
    Long limit,
    Long peak,
    Long overrun,
    Long used,
    long rejections,
    long operations,
    double p50Ms,
    double p99Ms) {

  /**
   * Reads the figures of all engines.
   *
   * @param meters the engines, in the order to show them
   * @return the figures
   */
  public static List<EngineFigures> now(Map<String, Meter> meters) {
    MemoryGovernor governor = MemoryGovernor.get();
    List<EngineFigures> figures = new ArrayList<>();
    meters.forEach((name, meter) -> {
      EngineSnapshot budget = governor.active() ? governor.snapshot(name) : null;
      figures.add(new EngineFigures(
          name,
          budget == null ? null : budget.limit(),
          budget == null ? null : budget.peak(),
          budget == null ? null : budget.overrun(),
          budget == null ? null : budget.used(),
          budget == null ? meter.refusals() : Math.max(budget.rejections(), meter.refusals()),
          meter.operations(),
          meter.percentileMillis(50),
          meter.percentileMillis(99)));
    });
    return figures;
  }
}
