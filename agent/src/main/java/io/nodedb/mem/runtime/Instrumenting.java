package io.nodedb.mem.runtime;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.config.Rule;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.instrument.ConfiguredRules;
import io.nodedb.mem.instrument.InstrumentSettings;
import io.nodedb.mem.instrument.Reporter;
import io.nodedb.mem.instrument.Retransformer;
import io.nodedb.mem.instrument.ScopeTransformer;
import io.nodedb.mem.instrument.SiteRegistry;
import java.lang.instrument.Instrumentation;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Connects the transformer to configuration, engines and sites. */
final class Instrumenting {
  private Instrumenting() {}

  static void install(
      Instrumentation instrumentation,
      List<Rule> rules,
      Governor governor,
      HeapAccounting heap,
      Reporter reporter,
      JdkClasses jdk,
      boolean attached)
      throws ReflectiveOperationException {
    ScopeTransformer transformer =
        new ScopeTransformer(
            new InstrumentSettings(
                new ConfiguredRules(rules),
                new Sites(governor, heap, jdk),
                heap.cleanups()::add,
                reporter,
                VmLayout.referenceShift()));
    instrumentation.addTransformer(transformer, true);
    if (attached) {
      new Retransformer(instrumentation, transformer, reporter).retransformLoaded();
    }
  }

  /** Names become numbers; equal sites share one. */
  private static final class Sites implements SiteRegistry {
    private record Key(int engine, BreachMode mode, long perCall) {}

    private final Governor governor;
    private final HeapAccounting heap;
    private final JdkClasses jdk;
    private final Map<Key, Integer> sites = new ConcurrentHashMap<>();

    Sites(Governor governor, HeapAccounting heap, JdkClasses jdk) {
      this.governor = governor;
      this.heap = heap;
      this.jdk = jdk;
    }

    @Override
    public int engine(String name) {
      for (Engine engine : governor.engines()) {
        if (engine.engine().equals(name)) {
          jdk.ensure();
          return engine.id();
        }
      }
      return -1;
    }

    @Override
    public int site(int engine, BreachMode mode, long perCallBytes) {
      return sites.computeIfAbsent(
          new Key(engine, mode, perCallBytes),
          k -> heap.site(engine, mode, perCallBytes == 0 ? Long.MAX_VALUE : perCallBytes));
    }

    @Override
    public Collection<String> knownEngines() {
      return governor.names();
    }
  }
}
