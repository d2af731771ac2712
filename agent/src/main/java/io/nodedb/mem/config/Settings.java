package io.nodedb.mem.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

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
 * @param audit when ledgers are compared with what they stand for
 * @param guard the guard over what the process occupies
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
    AuditSettings audit,
    GuardSettings guard,
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
   * Reads, joins and checks everything that the agent can be told.
   *
   * @param agentArgs what stands behind the agent jar's {@code =}; may be {@code null}
   * @param env environment variables
   * @param properties system properties; {@code user.dir} is where relative paths start
   * @param machine what defaults and percentages are computed from
   * @return the settings
   * @throws ConfigException if anything is wrong; nothing is ever ignored
   */
  public static Settings load(
      String agentArgs, Map<String, String> env, Properties properties, Machine machine) {
    var arguments = new Arguments(agentArgs);
    var file = ConfigFile.find(arguments, env, properties);
    var written = file.map(ConfigFile::parse).orElseGet(ConfigFactory::empty);
    var layer = arguments.layer();
    var names = EngineReader.names(engineNames(layer, written));
    var tree =
        ConfigFile.resolve(
            layer.withFallback(new Environment(names).layer(env)).withFallback(written),
            env,
            properties);
    KeyCheck.check(tree.root());
    return new SettingsReader(tree.root(), machine).read(file.map(ConfigFile::path));
  }

  /**
   * The same within a limit that is not this configuration's, such as the control group's: where the
   * ceiling is above it, the limit is the ceiling and engines get the same shares of it.
   *
   * @param limit bytes
   * @return these settings if the ceiling is within the limit
   */
  public Settings within(long limit) {
    if (ceiling <= limit) {
      return this;
    }
    var share = (double) limit / ceiling;
    var scaled =
        engines.stream()
            .map(
                e ->
                    new EngineSettings(
                        e.name(),
                        Math.max(1, (long) (e.limit() * share)),
                        (long) (e.min() * share),
                        e.mode(),
                        e.waitTimeoutNanos()))
            .toList();
    return new Settings(
        limit, Math.min(heapCeiling, limit), scaled, pressure, spill, rebalance, heap, audit,
        guard, mmap, overflow, offheap, metrics, rules, file, warnings);
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

  /**
   * The engines that somebody names. Only names are read: references are still open, and a section
   * that is one as a whole keeps its names to itself until they are closed.
   */
  private static Set<String> engineNames(Config... layers) {
    var names = new TreeSet<String>();
    for (var layer : layers) {
      try {
        if (layer.root().get("engines") instanceof ConfigObject engines) {
          names.addAll(engines.keySet());
        }
      } catch (com.typesafe.config.ConfigException.NotResolved e) {
        continue;
      }
    }
    return names;
  }
}
