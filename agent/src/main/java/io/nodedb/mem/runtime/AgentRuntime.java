package io.nodedb.mem.runtime;

import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.audit.LedgerAudit;
import io.nodedb.mem.config.ConfigException;
import io.nodedb.mem.config.EngineSettings;
import io.nodedb.mem.config.Machine;
import io.nodedb.mem.config.PressureSettings;
import io.nodedb.mem.config.RebalanceSettings;
import io.nodedb.mem.config.Settings;
import io.nodedb.mem.config.Sizes;
import io.nodedb.mem.config.SpillSettings;
import io.nodedb.mem.governor.EngineSpec;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorSpec;
import io.nodedb.mem.governor.PressureThresholds;
import io.nodedb.mem.governor.RebalanceSpec;
import io.nodedb.mem.guard.MemoryGuard;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.instrument.BeanServerTransformer;
import io.nodedb.mem.instrument.LineReporter;
import io.nodedb.mem.instrument.Reporter;
import io.nodedb.mem.offheap.LazyOffheap;
import io.nodedb.mem.spill.Spilling;
import java.lang.instrument.Instrumentation;
import jdk.internal.misc.Unsafe;

/** Makes the parts, in the order in which they need one another, and says so in one line. */
final class AgentRuntime {
  private AgentRuntime() {}

  /**
   * Starts everything, or nothing.
   *
   * @param arguments the agent's arguments; may be null
   * @param instrumentation the JVM's
   * @param attached whether the JVM was running already
   * @param around the machine
   * @return null, or one line on why the configuration is refused
   * @throws ReflectiveOperationException if the API cannot be given its governor
   */
  static String start(
      String arguments, Instrumentation instrumentation, boolean attached, Surroundings around)
      throws ReflectiveOperationException {
    Notices notices = new Notices(System.err);
    warmUp();
    Machine machine = around.machine();
    Settings stated;
    try {
      stated = Settings.load(arguments, System.getenv(), System.getProperties(), machine);
    } catch (ConfigException e) {
      return e.getMessage();
    }
    Settings settings = stated.within(machine.cgroupLimit().orElse(Long.MAX_VALUE));
    Governor governor = new Governor(spec(settings), System::nanoTime, notices::say);
    Views views = new Views(governor, settings.metrics(), notices::say);
    HeapAccounting heap =
        HeapAccounting.start(governor, settings.heap(), views.assists(), notices::say);
    governor.start();
    MappedWiring mapped =
        new MappedWiring(settings.mmap(), settings.overflow(), governor, views);
    SpillSettings spill = settings.spill();
    Spilling spilling = Spilling.start(governor, spill.start(), spill.restore(), notices::say);
    LazyOffheap offheap = OffheapWiring.prepare(settings.offheap(), governor, heap, notices);
    Reporter reporter = LineReporter.toStderr();
    views.start(
        heap,
        offheap,
        spilling,
        () -> new BeanServerTransformer(reporter).install(instrumentation));
    JdkClasses jdk = new JdkClasses(instrumentation, reporter);
    LedgerAudit.start(governor, heap, offheap, settings.audit().intervalNanos(), notices::say);
    install(new AgentGovernor(governor, heap, offheap, mapped, spilling, jdk));
    Instrumenting.install(
        instrumentation, settings.rules(), governor, heap, reporter, jdk, attached);
    if (settings.guard().cancelWorst()) {
      heap.cancelWorst(settings.guard().cancelAfterNanos());
    }
    if (settings.guard().enabled()) {
      new MemoryGuard(governor, offheap::purge, mapped::pageOut, notices::say).start();
    }
    notices.say(line(settings, heap));
    settings.warnings().forEach(notices::say);
    if (settings != stated) {
      notices.say(
          "ceiling: " + Sizes.human(stated.ceiling()) + " is above the control group's limit of "
              + Sizes.human(settings.ceiling())
              + ": that is the ceiling, and engines have the same shares of it (remedy: a ceiling"
              + " below the limit, or a percentage)");
    }
    return null;
  }

  /** What takes long and needs no setting is begun on another processor meanwhile. */
  private static void warmUp() {
    Thread.ofPlatform()
        .daemon()
        .name("nodedb-mem-warm-up")
        .start(
            () -> {
              HeapAccounting.warmUp();
              LazyOffheap.announcement();
            });
  }

  private static GovernorSpec spec(Settings settings) {
    PressureSettings p = settings.pressure();
    RebalanceSettings r = settings.rebalance();
    return new GovernorSpec(
        settings.ceiling(),
        settings.heapCeiling(),
        settings.engines().stream().map(AgentRuntime::spec).toList(),
        new PressureThresholds(p.warning(), p.critical(), p.emergency(), p.hysteresis()),
        new RebalanceSpec(r.enabled(), r.intervalNanos(), r.step(), r.hint()));
  }

  private static EngineSpec spec(EngineSettings e) {
    return new EngineSpec(e.name(), e.limit(), e.min(), e.mode(), e.waitTimeoutNanos());
  }

  private static void install(AgentGovernor governor) throws ReflectiveOperationException {
    ClassLoader api = MemoryGovernor.class.getClassLoader();
    Class<?> installed = Class.forName("io.nodedb.mem.Installed", true, api);
    var field = installed.getDeclaredField("governor");
    // Not Field.set, which spins method handles.
    Unsafe unsafe = Unsafe.getUnsafe();
    unsafe.putReferenceVolatile(
        unsafe.staticFieldBase(field), unsafe.staticFieldOffset(field), governor);
  }

  private static String line(Settings settings, HeapAccounting heap) {
    return "ceiling " + Sizes.human(settings.ceiling())
        + ", heap ceiling " + Sizes.human(settings.heapCeiling())
        + ", " + settings.engines().size() + " engines"
        + ", heap accounting " + heap.description()
        + ", " + LazyOffheap.announcement()
        + settings.file().map(f -> ", configuration " + f).orElse(", built-in configuration");
  }
}
