package io.nodedb.mem.offheap;

import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.governor.GovernorListener;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Gives free pages back when pressure rises. What an engine has freed is nobody's use but stays
 * resident for some seconds; under pressure that is memory others need. Called on a thread of its
 * own, as giving back takes a system call for each run of pages.
 */
final class PressureRelease implements GovernorListener {
  private final ArenaStatistics statistics;
  private final Map<String, EngineMemory> engines;

  PressureRelease(ArenaStatistics statistics, Map<String, EngineMemory> engines) {
    this.statistics = statistics;
    this.engines = engines;
  }

  @Override
  public void onTransition(PressureTransition transition) {
    PressureLevel to = transition.to();
    if (to.compareTo(transition.from()) < 0) {
      return;
    }
    IntConsumer release =
        to.compareTo(PressureLevel.CRITICAL) >= 0 ? statistics::purge : statistics::decay;
    if (transition.engine().isEmpty()) {
      release.accept(ArenaStatistics.ALL);
      return;
    }
    EngineMemory engine = engines.get(transition.engine().get());
    if (engine != null) {
      engine.arenas.all().forEach(release::accept);
    }
  }
}
