package io.nodedb.mem.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.jmx.JmxReporter;
import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.Registration;
import io.nodedb.mem.governor.Breach;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorListener;
import io.nodedb.mem.resident.Resident;
import io.nodedb.mem.spill.SpillListener;
import io.nodedb.mem.spill.SpillReport;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.management.MBeanServer;

/**
 * A process's budgets in a registry: {@code process.FIGURE} and {@code engine.NAME.FIGURE}. Sizes are
 * bytes; pressure is 0 for normal to 3 for emergency. Thread-safe.
 */
public final class MetricsView implements GovernorListener, SpillListener, AutoCloseable {
  private static final String DOMAIN = "io.nodedb.mem.metrics";

  private final MetricRegistry registry = new MetricRegistry();
  private final Figures figures;
  private final Registration listening;

  /** Null until {@link #show}. Guarded by this. */
  private JmxReporter reporter;

  /**
   * Fills a registry.
   *
   * @param governor the budgets
   * @param snapshots brings the ledgers up to date and reads all budgets
   * @param residents reads the process's memory, given what engines use
   * @param natives reads the native allocator's figures
   * @param clock nanoseconds
   */
  public MetricsView(
      Governor governor,
      Supplier<GovernorSnapshot> snapshots,
      LongFunction<Resident> residents,
      Supplier<NativeSnapshot> natives,
      LongSupplier clock) {
    figures = new Figures(snapshots, residents, natives, clock);
    ofProcess(governor);
    for (Engine engine : governor.engines()) {
      ofEngine(engine);
    }
    listening = governor.addListener(this);
  }

  /**
   * Shows the registry through JMX, until it is closed.
   *
   * @param server where
   */
  public synchronized void show(MBeanServer server) {
    reporter = JmxReporter.forRegistry(registry).registerWith(server).inDomain(DOMAIN).build();
    reporter.start();
  }

  /**
   * The registry.
   *
   * @return the same one always
   */
  MetricRegistry registry() {
    return registry;
  }

  private void ofProcess(Governor governor) {
    process("ceiling", () -> figures.all().ceiling());
    process("heap-ceiling", () -> figures.all().heapCeiling());
    process("used", () -> figures.all().used());
    process("peak", () -> figures.all().peak());
    process("pressure", () -> figures.all().pressure().ordinal());
    process("rebalances", governor.rebalancer()::count);
    process("rss", () -> figures.resident().rss());
    process("jvm", () -> figures.resident().jvm());
    process("unattributed", () -> figures.resident().unattributed());
    ofArenas("process.", figures::natives);
  }

  private void ofEngine(Engine engine) {
    engine(engine, "limit", EngineSnapshot::limit);
    engine(engine, "used", EngineSnapshot::used);
    engine(engine, "heap", EngineSnapshot::heap);
    engine(engine, "native", EngineSnapshot::nativeBytes);
    engine(engine, "mapped", EngineSnapshot::mapped);
    engine(engine, "reserved", EngineSnapshot::reserved);
    engine(engine, "peak", EngineSnapshot::peak);
    engine(engine, "overrun", EngineSnapshot::overrun);
    engine(engine, "allocated", EngineSnapshot::allocated);
    engine(engine, "utilization", EngineSnapshot::utilizationPercent);
    engine(engine, "pressure", e -> e.pressure().ordinal());
    engine(engine, "over-releases", EngineSnapshot::overReleases);
    ofArenas(name(engine.engine(), ""), () -> figures.natives(engine.engine()));
    registry.meter(name(engine.engine(), "rejections"));
    registry.meter(name(engine.engine(), "evictions"));
    registry.timer(name(engine.engine(), "wait"));
    registry.meter(name(engine.engine(), "spilled-bytes"));
    registry.timer(name(engine.engine(), "spill"));
  }

  private void ofArenas(String owner, Supplier<ArenaFigures> read) {
    arenas(owner + "native-allocated", read, ArenaFigures::allocated);
    arenas(owner + "native-active", read, ArenaFigures::active);
    arenas(owner + "native-resident", read, ArenaFigures::resident);
    arenas(owner + "native-mapped", read, ArenaFigures::mapped);
    arenas(owner + "native-dirty", read, ArenaFigures::dirty);
    arenas(owner + "native-retained", read, ArenaFigures::retained);
    arenas(owner + "native-fragmentation", read, f -> 100 * f.fragmentation());
  }

  private void arenas(
      String name, Supplier<ArenaFigures> read, Function<ArenaFigures, Number> figure) {
    Gauge<Number> gauge = () -> figure.apply(read.get());
    registry.register(name, gauge);
  }

  private void process(String figure, Gauge<Number> gauge) {
    registry.register("process." + figure, gauge);
  }

  private void engine(Engine engine, String figure, Function<EngineSnapshot, Number> read) {
    Gauge<Number> gauge = () -> read.apply(figures.engine(engine.id()));
    registry.register(name(engine.engine(), figure), gauge);
  }

  private static String name(String engine, String figure) {
    return "engine." + engine + "." + figure;
  }

  @Override
  public void onBreach(Breach breach) {
    switch (breach.outcome()) {
      case REJECTED, TIMED_OUT, CANCELLED -> registry.meter(name(breach.engine(), "rejections")).mark();
      case RELIEVED, WAITED, OBSERVED -> {}
    }
    registry
        .timer(name(breach.engine(), "wait"))
        .update(breach.waitedNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * A mapped window was unmapped.
   *
   * @param engine the engine that was charged
   */
  public void evicted(String engine) {
    registry.meter(name(engine, "evictions")).mark();
  }

  @Override
  public Consumer<SpillReport> began(boolean restoring) {
    return restoring ? report -> {} : this::spilled;
  }

  private void spilled(SpillReport report) {
    registry.timer(name(report.engine(), "spill")).update(report.nanos(), TimeUnit.NANOSECONDS);
    registry.meter(name(report.engine(), "spilled-bytes")).mark(report.moved());
  }

  @Override
  public synchronized void close() {
    listening.close();
    if (reporter != null) {
      reporter.close();
    }
  }
}
