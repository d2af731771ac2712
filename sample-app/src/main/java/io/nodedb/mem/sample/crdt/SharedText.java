package io.nodedb.mem.sample.crdt;

import io.nodedb.mem.sample.engine.WrongAnswerException;
import org.automerge.ObjectId;

/**
 * A document that is open, in native memory, or saved, as bytes that are a small part of that. Not
 * thread-safe: callers hold its monitor.
 */
final class SharedText {
  /** Null while saved. */
  private ReplicaPair pair = new ReplicaPair();

  private ObjectId text = pair.text();

  /** The document as it is, null if that was not saved. The same of what it says. */
  private byte[] saved;

  private String contents;
  private int edits;

  /** When it was last used, by a count that its engine keeps. Read racily to find cold ones. */
  private volatile long used;

  long used() {
    return used;
  }

  boolean isOpen() {
    return pair != null;
  }

  /** Edits so far. */
  int edits() {
    return edits;
  }

  /** The replicas, to be edited; opens the document. */
  ReplicaPair edit(long now) throws WrongAnswerException {
    used = now;
    edits++;
    open();
    saved = null;
    contents = null;
    return pair;
  }

  /** Merges and compares; opens the document. */
  void check() throws WrongAnswerException {
    open();
    pair.mergeAndCompare();
  }

  /** Saves, and frees the native memory. What is not saved stays open. */
  void save() throws WrongAnswerException {
    if (pair == null) {
      return;
    }
    if (saved == null) {
      pair.mergeAndCompare();
      contents = pair.text(0);
      saved = pair.save();
    }
    close();
  }

  /** Forgets everything written so far. */
  void startOver() {
    close();
    pair = new ReplicaPair();
    text = pair.text();
    saved = null;
    edits = 0;
  }

  /** Frees the native memory; what was not saved is lost. */
  void close() {
    if (pair != null) {
      pair.close();
      pair = null;
    }
  }

  private void open() throws WrongAnswerException {
    if (pair != null) {
      return;
    }
    ReplicaPair opened = ReplicaPair.load(saved, text);
    if (!opened.text(0).equals(contents)) {
      opened.close();
      throw new WrongAnswerException(
          "crdt: a document of " + contents.length() + " characters is another one once saved and"
              + " opened again");
    }
    pair = opened;
  }
}
