package io.nodedb.mem.governor;

import io.nodedb.mem.UnknownEngineException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Engines by their names. Immutable.
 *
 * <p>Callers mostly pass the same string constants, whose hash the JIT compiler knows. So an engine is
 * looked for at its hash's slot and compared by identity: one load and one comparison, and no call
 * that other users of maps have made megamorphic. Names that share a slot, and equal strings that are
 * not the same object, are found in the map.
 */
final class EngineTable {
  /** Slots grow up to this, until no two engines share one. */
  private static final int MAX_SLOTS = 1 << 12;

  private final List<Engine> engines;
  private final Map<String, Engine> byName = new LinkedHashMap<>();
  private final Engine[] slots;

  EngineTable(List<Engine> inOrder) {
    engines = List.copyOf(inOrder);
    for (Engine each : engines) {
      byName.put(each.engine(), each);
    }
    slots = slots(engines);
  }

  private static Engine[] slots(List<Engine> engines) {
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

  /** In the order of their ids. */
  List<Engine> all() {
    return engines;
  }

  Collection<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  /** The engine of that name. Throws {@link UnknownEngineException} if there is none. */
  Engine get(String name) {
    if (name != null) {
      Engine there = slots[name.hashCode() & (slots.length - 1)];
      // As an identity on purpose: an equal string is found below.
      if (there != null && there.engine() == name) {
        return there;
      }
    }
    Engine engine = byName.get(name);
    if (engine == null) {
      throw new UnknownEngineException(name, names());
    }
    return engine;
  }
}
