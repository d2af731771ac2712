package io.nodedb.mem.offheap;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.NativeSnapshot;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Looks at the allocator's figures now and then: attributes what nobody charged, warns of
 * fragmentation, gives free pages back.
 */
final class NativeMonitor {
  private static final double WARN = 0.25;
  private static final double CALM = 0.20;

  /** Below, a few half-empty pages make any share. */
  private static final long WORTH_A_WARNING = 16L << 20;

  private final NativeHeap heap;
  private final ArenaStatistics statistics;
  private final Attribution attribution;
  private final Collection<EngineMemory> engines;
  private final Notices notices;

  NativeMonitor(
      NativeHeap heap,
      ArenaStatistics statistics,
      Attribution attribution,
      Collection<EngineMemory> engines,
      Notices notices) {
    this.heap = heap;
    this.statistics = statistics;
    this.attribution = attribution;
    this.engines = engines;
    this.notices = notices;
  }

  /** Brings the ledgers up to date. */
  void refresh() {
    statistics.refresh();
    attribution.update();
  }

  /** Once an interval. */
  void tick() {
    refresh();
    engines.forEach(e -> e.ledger.sweep());
    warn("process", statistics.global());
    for (EngineMemory engine : engines) {
      warn("engine '" + engine.account.engine() + "'", figures(engine));
      engine.arenas.all().forEach(statistics::decay);
    }
  }

  NativeSnapshot snapshot() {
    refresh();
    List<NativeSnapshot.EngineFigures> each =
        engines.stream()
            .map(
                e ->
                    new NativeSnapshot.EngineFigures(
                        e.account.engine(),
                        e.ledger.charged(),
                        e.ledger.external(),
                        e.arenas.all(),
                        figures(e)))
            .toList();
    return new NativeSnapshot(
        heap.describe(),
        statistics.present(),
        attribution.possible(),
        statistics.global(),
        each);
  }

  private ArenaFigures figures(EngineMemory engine) {
    if (!statistics.present()) {
      return new ArenaFigures(engine.ledger.charged(), 0, 0, 0, 0, 0, 0);
    }
    return engine.arenas.all().stream()
        .map(statistics::of)
        .reduce(ArenaFigures.NONE, ArenaFigures::plus);
  }

  private void warn(String who, ArenaFigures figures) {
    if (figures.fragmentation() > WARN && figures.active() >= WORTH_A_WARNING) {
      notices.once(
          "fragmentation " + who,
          String.format(
              Locale.ROOT,
              "%s: %.0f %% of %d bytes of active native pages hold nothing (expected: at most"
                  + " %.0f %%); blocks of mixed lifetimes share them",
              who, 100 * figures.fragmentation(), figures.active(), 100 * WARN));
    } else if (figures.fragmentation() < CALM) {
      notices.again("fragmentation " + who);
    }
  }
}
