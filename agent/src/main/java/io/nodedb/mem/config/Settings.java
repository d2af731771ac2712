package io.nodedb.mem.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything the agent was told, checked as a whole. Immutable.
 *
 * @param ceiling bytes for the whole process
 * @param heapCeiling bytes of Java heap that all engines together may use
 * @param engines every engine that has a budget, the known ones first; never empty
 * @param pressure pressure levels
 * @param spill when to spill
 * @param rebalance how budget moves
 * @param heap the heap ledger
 * @param mmap the mapping manager
 * @param overflow where spilled data goes
 * @param offheap the native ledger (section {@code native})
 * @param metrics metrics over HTTP
 * @param rules scopes and gates in code without annotations, in the order written
 * @param file the configuration file, if one was read
 * @param warnings what is sound but probably not meant, one line each
 */
public record Settings(
    long ceiling,
    long heapCeiling,
    List<EngineSettings> engines,
    PressureSettings pressure,
    SpillSettings spill,
    RebalanceSettings rebalance,
    HeapSettings heap,
    MmapSettings mmap,
    OverflowSettings overflow,
    NativeSettings offheap,
    MetricsSettings metrics,
    List<Rule> rules,
    Optional<Path> file,
    List<String> warnings) {

  /** Copies the lists. */
  public Settings {
    engines = List.copyOf(engines);
    rules = List.copyOf(rules);
    warnings = List.copyOf(warnings);
  }

  /**
   * The settings of one engine.
   *
   * @param name the engine
   * @return its settings; empty if it has no budget
   */
  public Optional<EngineSettings> engine(String name) {
    return engines.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}
