package io.nodedb.mem.sample.crdt;

import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.automerge.ChangeHash;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.automerge.ObjectType;
import org.automerge.Transaction;

/**
 * One text in two replicas that are edited apart and merged. Their memory is native: it lives until
 * {@link #close}. Not thread-safe: callers hold the pair's monitor.
 */
final class ReplicaPair implements AutoCloseable {
  private final Document[] replica = new Document[2];
  private final ObjectId text;

  ReplicaPair() {
    replica[0] = new Document();
    try (Transaction transaction = replica[0].startTransaction()) {
      text = transaction.set(ObjectId.ROOT, "text", ObjectType.TEXT);
      transaction.commit();
    }
    replica[1] = replica[0].fork();
  }

  private ReplicaPair(Document document, ObjectId text) {
    this.text = text;
    replica[0] = document;
    replica[1] = document.fork();
  }

  /** Opens what {@link #save} made, with the text's name in it. */
  static ReplicaPair load(byte[] saved, ObjectId text) {
    return new ReplicaPair(Document.load(saved), text);
  }

  /** The text's name in the document. */
  ObjectId text() {
    return text;
  }

  /** The first replica as bytes; merge before. */
  byte[] save() {
    return replica[0].save();
  }

  /** What an edit works on: one replica's text, inside a transaction. */
  final class Editor {
    private final Transaction transaction;

    private Editor(Transaction transaction) {
      this.transaction = transaction;
    }

    int length() {
      return (int) transaction.length(text);
    }

    /** Positions and lengths count code points. */
    void splice(int position, int deleted, String inserted) {
      transaction.spliceText(text, position, deleted, inserted);
    }
  }

  /** Edits one replica (0 or 1) in one transaction; an edit that fails leaves no trace. */
  void edit(int side, Consumer<Editor> edits) {
    try (Transaction transaction = replica[side].startTransaction()) {
      edits.accept(new Editor(transaction));
      transaction.commit();
    }
  }

  /** Brings the changes of one replica into the other. */
  void merge(int from) {
    replica[1 - from].merge(replica[from]);
  }

  /** Merges each replica into the other and checks that they are equal now. */
  void mergeAndCompare() throws WrongAnswerException {
    replica[0].merge(replica[1]);
    replica[1].merge(replica[0]);
    String first = text(0);
    String second = text(1);
    if (!first.equals(second) || !heads(0).equals(heads(1))) {
      throw new WrongAnswerException("crdt: replicas differ after their merge: " + first.length()
          + " and " + second.length() + " characters");
    }
  }

  String text(int side) {
    return replica[side].text(text).orElse("");
  }

  private Set<ChangeHash> heads(int side) {
    return Arrays.stream(replica[side].getHeads()).collect(Collectors.toSet());
  }

  @Override
  public void close() {
    replica[0].free();
    replica[1].free();
  }
}
