package io.nodedb.mem.runtime;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what was added, the last first; what is added later is closed at once. Thread-safe. */
final class Closing implements AutoCloseable {
  /** An end that throws nothing checked. */
  interface Part extends AutoCloseable {
    @Override
    void close();
  }

  private final Deque<Part> open = new ArrayDeque<>();
  private boolean closed;

  synchronized void add(Part part) {
    if (closed) {
      part.close();
    } else {
      open.push(part);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
