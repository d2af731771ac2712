package io.nodedb.mem.sample.crdt;

import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.LongAdder;

/**
 * Documents that arrive and are not looked at again. They stay open until there is pressure; then
 * those that came first are saved, checked and forgotten. Thread-safe.
 */
final class DocumentFlood implements AutoCloseable {
  private record Arrived(ReplicaPair pair, String text) {}

  /** Guarded by itself. */
  private final Deque<Arrived> open = new ArrayDeque<>();

  private final LongAdder arrived = new LongAdder();
  private final LongAdder saved = new LongAdder();

  /** A document with this text arrives. */
  void add(String text) {
    ReplicaPair pair = new ReplicaPair();
    boolean kept = false;
    try {
      pair.edit(0, editor -> editor.splice(0, 0, text));
      synchronized (open) {
        open.addLast(new Arrived(pair, text));
      }
      kept = true;
      arrived.increment();
    } finally {
      if (!kept) {
        pair.close();
      }
    }
  }

  /** Saves the first, and forgets it. Whether there was one. */
  boolean saveOne() throws WrongAnswerException {
    Arrived first;
    synchronized (open) {
      first = open.pollFirst();
    }
    if (first == null) {
      return false;
    }
    try (ReplicaPair pair = first.pair) {
      // Not merged: that would take as much memory again, when there is little.
      if (pair.save().length == 0 || !pair.text(0).equals(first.text)) {
        throw new WrongAnswerException("crdt: a document of " + first.text.length()
            + " characters is another one when it is saved");
      }
    }
    saved.increment();
    return true;
  }

  /** How many arrived so far. */
  long arrived() {
    return arrived.sum();
  }

  /** How many were saved so far. */
  long saved() {
    return saved.sum();
  }

  @Override
  public void close() {
    synchronized (open) {
      open.forEach(each -> each.pair.close());
      open.clear();
    }
  }
}
