package io.nodedb.mem.benchmarks.cost;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.crdt.EditHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.automerge.ObjectType;
import org.automerge.Transaction;

/** Types a text, a few keystrokes a transaction, into a document that is new each time. */
final class AutomergeReplay {
  private static final int EDITS = 4_000;
  private static final int TRANSACTION = 40;

  /** One keystroke. */
  private record Edit(int position, int deleted, String inserted) {}

  private final List<Edit> edits;

  AutomergeReplay(Path history) throws IOException {
    edits = history == null ? generated() : recorded(history);
  }

  List<Operation> operations() {
    return List.of(new Operation("Automerge replay", this::replay));
  }

  /** The entry point: its scope is opened by the annotation, the library's classes by a rule. */
  @EngineBudget(Engines.CRDT)
  private long replay() {
    Document document = new Document();
    try {
      ObjectId text;
      try (Transaction transaction = document.startTransaction()) {
        text = transaction.set(ObjectId.ROOT, "text", ObjectType.TEXT);
        transaction.commit();
      }
      for (int from = 0; from < edits.size(); from += TRANSACTION) {
        try (Transaction transaction = document.startTransaction()) {
          for (Edit edit : edits.subList(from, Math.min(from + TRANSACTION, edits.size()))) {
            transaction.spliceText(text, edit.position(), edit.deleted(), edit.inserted());
          }
          transaction.commit();
        }
      }
      return document.text(text).orElse("").length();
    } finally {
      document.free();
    }
  }

  private static List<Edit> recorded(Path file) throws IOException {
    EditHistory history = EditHistory.read(file, EDITS);
    List<Edit> edits = new ArrayList<>(history.size());
    for (int i = 0; i < history.size(); i++) {
      boolean deletes = history.isDelete(i);
      edits.add(
          new Edit(
              history.position(i),
              deletes ? 1 : 0,
              deletes ? "" : String.valueOf(history.inserted(i))));
    }
    return edits;
  }

  /** Runs of typing with corrections, at places that jump now and then. */
  private static List<Edit> generated() {
    SplittableRandom random = new SplittableRandom(1);
    List<Edit> edits = new ArrayList<>(EDITS);
    int length = 0;
    int cursor = 0;
    while (edits.size() < EDITS) {
      if (random.nextInt(50) == 0) {
        cursor = random.nextInt(length + 1);
      }
      if (cursor > 0 && random.nextInt(8) == 0) {
        edits.add(new Edit(--cursor, 1, ""));
        length--;
      } else {
        edits.add(new Edit(cursor++, 0, String.valueOf((char) ('a' + random.nextInt(26)))));
        length++;
      }
    }
    return edits;
  }
}
