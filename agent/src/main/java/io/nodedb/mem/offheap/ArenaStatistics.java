package io.nodedb.mem.offheap;

import io.nodedb.mem.ArenaFigures;

/** Reads jemalloc's figures. They are as of the last {@link #refresh}. */
final class ArenaStatistics {
  /** Stands for every arena where an index is asked for. */
  static final int ALL = 4096;

  private final Mallctl control;
  private final boolean present;
  private final long page;

  /** Of a library, or null for none. */
  ArenaStatistics(Jemalloc jemalloc) {
    this.control = jemalloc == null ? null : jemalloc.control();
    this.present = jemalloc != null && jemalloc.statistics();
    this.page = control == null ? 0 : control.readLong("arenas.page", 0).orElse(4096);
  }

  /** Whether there are any. */
  boolean present() {
    return present;
  }

  /** Takes new figures. Merges all arenas': some tens of microseconds. */
  void refresh() {
    if (present) {
      control.writeLong("epoch", 0, 1);
    }
  }

  ArenaFigures global() {
    return new ArenaFigures(
        read("stats.allocated", 0),
        read("stats.active", 0),
        read("stats.resident", 0),
        read("stats.mapped", 0),
        dirty(),
        read("stats.retained", 0),
        read("stats.arenas.*.tcache_bytes", ALL));
  }

  /** Free pages of all arenas that are resident, in bytes. */
  long dirty() {
    return page * read("stats.arenas.*.pdirty", ALL);
  }

  ArenaFigures of(int arena) {
    return new ArenaFigures(
        read("stats.arenas.*.small.allocated", arena)
            + read("stats.arenas.*.large.allocated", arena),
        page * read("stats.arenas.*.pactive", arena),
        read("stats.arenas.*.resident", arena),
        read("stats.arenas.*.mapped", arena),
        page * read("stats.arenas.*.pdirty", arena),
        read("stats.arenas.*.retained", arena),
        read("stats.arenas.*.tcache_bytes", arena));
  }

  /** Gives an arena's free pages back to the system. */
  void purge(int arena) {
    if (control != null) {
      control.run("arena.*.purge", arena);
    }
  }

  /** Gives back the free pages that are due. */
  void decay(int arena) {
    if (control != null) {
      control.run("arena.*.decay", arena);
    }
  }

  /** Gives every arena's free pages back to the system. */
  void purge() {
    purge(ALL);
  }

  private long read(String name, int arena) {
    return present ? control.readLong(name, arena).orElse(0) : 0;
  }
}
