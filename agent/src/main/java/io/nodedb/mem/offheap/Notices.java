package io.nodedb.mem.offheap;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Says each thing once: what is missing on this system does not come back every call. */
final class Notices {
  private final Set<String> said = ConcurrentHashMap.newKeySet();
  private final Consumer<String> log;

  Notices(Consumer<String> log) {
    this.log = log;
  }

  void once(String topic, String line) {
    if (said.add(topic)) {
      log.accept(line);
    }
  }

  /** Lets the topic be said again. */
  void again(String topic) {
    said.remove(topic);
  }
}
