package io.nodedb.mem.governor;

import io.nodedb.mem.UnknownEngineException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Engines by their names. Immutable. */
final class EngineTable {
  /** Slots grow up to this, until no two engines share one. */
  private static final int MAX_SLOTS = 1 << 12;

  private final List<Engine> engines;
  private final Map<String, Engine> byName = new LinkedHashMap<>();

  EngineTable(List<Engine> inOrder) {
    engines = List.copyOf(inOrder);
    for (Engine each : engines) {
      byName.put(each.engine(), each);
    }
  }

  /** In the order of their ids. */
  List<Engine> all() {
    return engines;
  }

  Collection<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  /**
   * The engines at the slots of their names' hashes, a power of two of them. For whoever is in a
   * hurry: he keeps the array in a field of his own, as every dependent load costs more than a
   * nanosecond right behind a CAS.
   */
  Engine[] slots() {
    int size = 16;
    while (true) {
      Engine[] slots = new Engine[size];
      int placed = 0;
      for (Engine each : engines) {
        int slot = each.engine().hashCode() & (size - 1);
        if (slots[slot] == null) {
          slots[slot] = each;
          placed++;
        }
      }
      if (placed == engines.size() || size >= MAX_SLOTS) {
        return slots;
      }
      size <<= 1;
    }
  }

  /** The engine of that name. Throws {@link UnknownEngineException} if there is none. */
  Engine get(String name) {
    Engine engine = byName.get(name);
    if (engine == null) {
      throw new UnknownEngineException(name, names());
    }
    return engine;
  }
}
