package io.nodedb.mem.offheap;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.CollectionArena;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/** The arenas of collections, one for each tenant and collection. They live as long as the process. */
final class CollectionArenas {
  private record Key(String tenant, String collection) {}

  private final ArenaStatistics statistics;
  private final LeakWatch leaks;
  private final Notices notices;
  private final Map<Key, Entry> entries = new ConcurrentHashMap<>();

  CollectionArenas(ArenaStatistics statistics, LeakWatch leaks, Notices notices) {
    this.statistics = statistics;
    this.leaks = leaks;
    this.notices = notices;
  }

  CollectionArena get(EngineMemory engine, String tenant, String collection) {
    Entry entry =
        entries.computeIfAbsent(new Key(tenant, collection), key -> make(engine, key));
    if (entry.engine != engine) {
      throw new IllegalArgumentException(
          "engine: '" + engine.account.engine() + "' (expected: '" + entry.engine()
              + "', which owns collection '" + collection + "' of tenant '" + tenant + "')");
    }
    return entry;
  }

  Optional<CollectionArena> find(String tenant, String collection) {
    return Optional.ofNullable(entries.get(new Key(tenant, collection)));
  }

  private Entry make(EngineMemory engine, Key key) {
    int arena = engine.arenas.newOfCollection();
    if (arena >= 0) {
      return new Entry(engine, key, arena, EngineHeap.ofArena(engine.ledger, arena));
    }
    notices.once(
        "collections",
        "collections share their engines' arenas: the allocator has no more of its own");
    return new Entry(engine, key, engine.arenas.charged(0), engine.heap);
  }

  private final class Entry implements CollectionArena {
    private final EngineMemory engine;
    private final Key key;
    private final int arena;
    private final EngineHeap heap;

    Entry(EngineMemory engine, Key key, int arena, EngineHeap heap) {
      this.engine = engine;
      this.key = key;
      this.arena = arena;
      this.heap = heap;
    }

    @Override
    public String engine() {
      return engine.account.engine();
    }

    @Override
    public String tenant() {
      return key.tenant;
    }

    @Override
    public String collection() {
      return key.collection;
    }

    @Override
    public OptionalInt index() {
      return arena < 0 ? OptionalInt.empty() : OptionalInt.of(arena);
    }

    @Override
    public long resident() {
      if (arena < 0) {
        return 0;
      }
      statistics.refresh();
      return statistics.of(arena).resident();
    }

    @Override
    public Arena arena(ArenaOption... options) {
      return OffheapMemory.arena(heap, leaks, options);
    }
  }
}
