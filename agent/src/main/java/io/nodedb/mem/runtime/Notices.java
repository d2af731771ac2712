package io.nodedb.mem.runtime;

import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Lines on stderr, each said once. Thread-safe. */
final class Notices {
  private static final int MOST = 1000;

  private final PrintStream out;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  Notices(PrintStream out) {
    this.out = out;
  }

  void say(String line) {
    if (said.size() < MOST && said.add(line)) {
      out.println("nodedb-mem: " + line);
    }
  }
}
