package io.nodedb.mem.offheap;

import io.nodedb.mem.ArenaFigures;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that nobody charged, because JNI libraries and the JVM malloc it on pinned threads. With
 * jemalloc preloaded it is in an engine's arena for pinned threads, so the arena's statistics know
 * it. What a substituted call charged and then malloced on such a thread is in the arena too and is
 * taken out again: the arena's {@code overlap}.
 */
final class Attribution {
  /** Merging all arenas' statistics takes some tens of microseconds: a percent at most. */
  private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** Sooner if calls took this share of the limit meanwhile, a 64th: that takes longer than to look. */
  private static final int SETTLE_SHIFT = 6;

  private final boolean possible;
  private final ArenaStatistics statistics;
  private final ThreadPinning pinning;
  private final Collection<EngineMemory> engines;

  /** When a call last had the ledgers brought up to date. */
  private final AtomicLong settled = new AtomicLong(System.nanoTime() - SETTLE_NANOS);

  /** Charged bytes in arenas of pinned threads, by the arena's index. */
  private final Map<Integer, AtomicLong> overlaps = new ConcurrentHashMap<>();

  Attribution(
      Jemalloc jemalloc,
      ArenaStatistics statistics,
      ThreadPinning pinning,
      Collection<EngineMemory> engines) {
    this.possible = jemalloc != null && jemalloc.preloaded() && statistics.present();
    this.statistics = statistics;
    this.pinning = pinning;
    this.engines = engines;
  }

  /** Whether what JNI libraries malloc can be told. */
  boolean possible() {
    return possible;
  }

  /** Registers an arena of pinned threads, before the first thread is pinned to it. */
  void pinnedTo(int arena) {
    if (possible) {
      overlaps.computeIfAbsent(arena, a -> new AtomicLong());
    }
  }

  /** Where a block that the current thread mallocs now would be counted again; null if nowhere. */
  AtomicLong overlap() {
    if (!possible || overlaps.isEmpty()) {
      return null;
    }
    int arena = pinning.current().orElse(-1);
    return arena < 0 ? null : overlaps.get(arena);
  }

  /**
   * After a call on a pinned thread: charges what it malloced, every ten milliseconds or whenever that
   * is much, so that a flood of calls meets its limit before half a second of it has passed. Never
   * throws: it runs at the end of somebody's call, which has done its work.
   *
   * @param took what the call took at most, as far as known
   */
  void settle(EngineMemory engine, long took) {
    if (possible) {
      boolean much = engine.unseen.addAndGet(took) >= engine.account.limit() >> SETTLE_SHIFT;
      long last = settled.get();
      long now = System.nanoTime();
      if ((much || now - last >= SETTLE_NANOS) && settled.compareAndSet(last, now)) {
        try {
          statistics.refresh();
          update();
        } catch (RuntimeException | Error e) {
          // No memory or no stack left, most likely: what looks twice a second makes up for it.
        }
      }
    }
  }

  /** Brings the ledgers up to date with the statistics, which the caller has refreshed. */
  synchronized void update() {
    if (!possible) {
      return;
    }
    for (EngineMemory engine : engines) {
      engine.unseen.set(0);
      long bytes = 0;
      for (int arena : engine.arenas.pinned()) {
        ArenaFigures figures = statistics.of(arena);
        AtomicLong overlap = overlaps.get(arena);
        bytes +=
            Math.max(
                0,
                figures.allocated() - figures.cached() - (overlap == null ? 0 : overlap.get()));
      }
      engine.ledger.external(bytes);
    }
  }
}
