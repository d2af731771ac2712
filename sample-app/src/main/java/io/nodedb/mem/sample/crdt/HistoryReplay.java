package io.nodedb.mem.sample.crdt;

import io.nodedb.mem.sample.engine.WrongAnswerException;

/**
 * Types a recorded text again, a few dozen keystrokes at a time, by turns into two replicas that are
 * merged each time; beside it a plain string is edited the same way and has to stay equal. At the
 * end of the history it starts over. Thread-safe.
 */
final class HistoryReplay implements AutoCloseable {
  private static final int EDITS = 40;
  private static final int COMPARE_ONE_IN = 64;

  private final EditHistory history;
  private final StringBuilder plain = new StringBuilder();
  private ReplicaPair pair = new ReplicaPair();
  private int next;
  private int turns;
  private long replayed;

  HistoryReplay(EditHistory history) {
    this.history = history;
  }

  synchronized void advance() throws WrongAnswerException {
    if (next == history.size()) {
      compare();
      startOver();
    }
    int end = Math.min(history.size(), next + EDITS);
    pair.edit(turns & 1, editor -> {
      for (int i = next; i < end; i++) {
        boolean delete = history.isDelete(i);
        editor.splice(history.position(i), delete ? 1 : 0,
            delete ? "" : String.valueOf(history.inserted(i)));
      }
    });
    for (int i = next; i < end; i++) {
      if (history.isDelete(i)) {
        plain.deleteCharAt(history.position(i));
      } else {
        plain.insert(history.position(i), history.inserted(i));
      }
    }
    replayed += end - next;
    next = end;
    pair.merge(turns & 1);
    if (++turns % COMPARE_ONE_IN == 0) {
      compare();
    }
  }

  synchronized void compare() throws WrongAnswerException {
    pair.mergeAndCompare();
    if (!plain.toString().equals(pair.text(0))) {
      throw new WrongAnswerException("crdt: after " + next + " edits of the history the document "
          + "differs from the text that plain editing gives");
    }
  }

  synchronized long replayed() {
    return replayed;
  }

  private void startOver() {
    ReplicaPair old = pair;
    pair = new ReplicaPair();
    old.close();
    plain.setLength(0);
    next = 0;
  }

  @Override
  public synchronized void close() {
    pair.close();
  }
}
