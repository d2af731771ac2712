package io.nodedb.mem.runtime;

import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.config.MetricsSettings;
import io.nodedb.mem.events.FlightRecorderView;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.heap.HeapAccounting.AssistListener;
import io.nodedb.mem.hook.PlatformBeans;
import io.nodedb.mem.jmx.JmxView;
import io.nodedb.mem.jmx.MappedView;
import io.nodedb.mem.jmx.NativeView;
import io.nodedb.mem.mapped.LazyMappings;
import io.nodedb.mem.mapped.MappingListener.Eviction;
import io.nodedb.mem.metrics.MetricsView;
import io.nodedb.mem.metrics.PrometheusEndpoint;
import io.nodedb.mem.offheap.LazyOffheap;
import io.nodedb.mem.offheap.OffheapMemory;
import io.nodedb.mem.overflow.RegionListener;
import io.nodedb.mem.resident.ResidentProbe;
import io.nodedb.mem.spill.Spilling;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;

/**
 * What shows budgets to the outside, made in order and closed in the reverse of it.
 *
 * <p>Beans are registered when somebody asks for the platform's bean server, before it is answered
 * ({@link PlatformBeans}). The server takes longer to come up than the rest of the agent; and what it
 * does then, with maps ordered by comparators of its own and tables of commands in Latin-1, stays in the
 * profiles of {@code TreeMap} and {@code String} by which the JIT compiles the application. Where the JDK
 * does not tell, or has such a server already, they are registered a second after the start by a thread
 * of their own. A view that fails is told of in one line; others are shown, and budgets held,
 * without it.
 */
final class Views implements AutoCloseable {
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Governor governor;
  private final MetricsSettings metrics;
  private final Consumer<String> problems;
  private final Closing closing = new Closing();
  private final FlightRecorderView recordings;
  private LazyMappings mappings;
  private volatile MetricsView figures;

  /**
   * Makes the views; they show nothing yet.
   *
   * @param governor the budgets
   * @param metrics whether and where to show them over HTTP
   * @param problems told, in a line each, of views that do not work
   */
  Views(Governor governor, MetricsSettings metrics, Consumer<String> problems) {
    this.governor = governor;
    this.metrics = metrics;
    this.problems = problems;
    this.recordings = new FlightRecorderView(governor);
  }

  /** Who hears of assisted collections. */
  AssistListener assists() {
    return recordings;
  }

  /** Sets the mapped windows to show; once, before the start. */
  void mapped(LazyMappings windows) {
    mappings = windows;
  }

  /** Hears of windows unmapped. */
  void evicted(Eviction eviction) {
    recordings.evicted(eviction);
    MetricsView to = figures;
    if (to != null) {
      to.evicted(eviction.engine());
    }
  }

  /** Who hears of overflow regions. */
  RegionListener regions() {
    return new RegionListener() {
      @Override
      public void grew(Path region, String engine, long from, long to) {
        recordings.grew(region, engine, from, to);
      }

      @Override
      public void checkpointed(
          Path region, long sequence, long slots, long nanos, Exception failure) {
        recordings.checkpointed(region, sequence, slots, nanos, failure);
        if (failure != null) {
          problems.accept("overflow region " + region + ": no checkpoint: " + failure);
        }
      }
    };
  }

  /**
   * Shows.
   *
   * @param haveTheJdkTell has the JDK call {@link PlatformBeans} if that is possible
   */
  void start(HeapAccounting heap, LazyOffheap offheap, Spilling spilling, Runnable haveTheJdkTell) {
    closing.add(spilling.addListener(recordings)::close);
    Supplier<GovernorSnapshot> snapshots =
        () -> {
          heap.refresh();
          offheap.ifStarted().ifPresent(OffheapMemory::refresh);
          return governor.snapshot();
        };
    recordings.start(
        snapshots,
        used -> Probe.HERE.read(used),
        offheap::snapshot,
        mappings::residentBytes,
        heap::sampleListener);
    closing.add(recordings::close);
    Thread later =
        Thread.ofPlatform()
            .daemon()
            .name("nodedb-mem-views")
            .inheritInheritableThreadLocals(false)
            .unstarted(() -> startLater(heap, offheap, spilling, snapshots, haveTheJdkTell));
    later.start();
  }

  private void startLater(
      HeapAccounting heap,
      LazyOffheap offheap,
      Spilling spilling,
      Supplier<GovernorSnapshot> snapshots,
      Runnable haveTheJdkTell) {
    LockSupport.parkNanos(SETTLE_NANOS);
    MetricsView counted = startMetrics(offheap, spilling, snapshots);
    if (counted != null && metrics.port() != 0) {
      listen();
    }
    haveTheJdkTell.run();
    Runnable beans = () -> startBeans(heap, offheap, snapshots, counted);
    if (!PlatformBeans.whenAsked(beans)) {
      beans.run();
    } else if (!MBeanServerFactory.findMBeanServer(null).isEmpty()) {
      // Made before the JDK told of it. Now it does.
      ManagementFactory.getPlatformMBeanServer();
    }
  }

  /** The metrics, which count from now on; null if there are none. */
  private MetricsView startMetrics(
      LazyOffheap offheap, Spilling spilling, Supplier<GovernorSnapshot> snapshots) {
    try {
      MetricsView view =
          new MetricsView(
              governor, snapshots, Probe.HERE::read, offheap::snapshot, System::nanoTime);
      closing.add(view::close);
      closing.add(spilling.addListener(view)::close);
      figures = view;
      return view;
    } catch (RuntimeException | Error e) {
      problems.accept("no metrics: " + e);
      return null;
    }
  }

  private void startBeans(
      HeapAccounting heap,
      LazyOffheap offheap,
      Supplier<GovernorSnapshot> snapshots,
      MetricsView counted) {
    try {
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      JmxView beans =
          new JmxView(server, governor, snapshots, Probe.HERE::read, heap::accounting);
      closing.add(beans::close);
      NativeView arenas =
          new NativeView(
              server,
              governor.engines().stream().map(Engine::engine).toList(),
              offheap::snapshot,
              offheap::purge);
      closing.add(arenas::close);
      MappedView windows = new MappedView(server, mappings);
      closing.add(windows::close);
      if (counted != null) {
        counted.show(server);
      }
    } catch (JMException | RuntimeException | Error e) {
      problems.accept("JMX shows no budgets: " + e);
    }
  }

  private void listen() {
    try {
      PrometheusEndpoint endpoint =
          new PrometheusEndpoint(figures, metrics.host(), metrics.port());
      closing.add(endpoint::close);
    } catch (IOException | RuntimeException | Error e) {
      // An Error, too: a JVM put together without jdk.httpserver has no such class.
      problems.accept(
          "no metrics over HTTP: metrics.port: " + metrics.port() + " on " + metrics.host() + ": "
              + e + " (remedy: a free port, an address of this machine, module jdk.httpserver)");
    }
  }

  @Override
  public void close() {
    closing.close();
  }

  /** Made by the first to need it, which is not the thread that starts the agent. */
  private static final class Probe {
    static final ResidentProbe HERE = new ResidentProbe();
  }
}
