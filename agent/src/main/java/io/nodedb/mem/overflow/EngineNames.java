package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Numbers of a region's engines. Numbers are given under the region's lock, read without. */
final class EngineNames {
  private final Map<String, Integer> numbers = new ConcurrentHashMap<>();
  private volatile List<String> names;

  EngineNames(List<String> names) {
    this.names = List.copyOf(names);
    for (int i = 0; i < names.size(); i++) {
      numbers.put(names.get(i), i);
    }
  }

  /** An engine's number, or -1 if it has none yet. */
  int number(String engine) {
    return numbers.getOrDefault(engine, -1);
  }

  String name(int number) {
    return names.get(number);
  }

  List<String> names() {
    return names;
  }

  /** Checks that a name could get a number. */
  void check(String engine) {
    if (numbers.containsKey(engine)) {
      return;
    }
    int bytes = engine.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > CheckpointLayout.MAX_NAME) {
      throw new OverflowException(
          "overflow: engine name '" + engine + "' has " + bytes
              + " bytes of UTF-8 (expected: 1 to " + CheckpointLayout.MAX_NAME + ")");
    }
    if (names.size() == CheckpointLayout.MAX_ENGINES) {
      throw new OverflowException(
          "overflow: engine '" + engine + "' would be number " + (names.size() + 1)
              + " of the region (most: " + CheckpointLayout.MAX_ENGINES
              + "); use a region of its own");
    }
  }

  /** Gives the next number. */
  int add(String engine) {
    check(engine);
    List<String> more = new java.util.ArrayList<>(names);
    more.add(engine);
    names = List.copyOf(more);
    numbers.put(engine, more.size() - 1);
    return more.size() - 1;
  }
}
