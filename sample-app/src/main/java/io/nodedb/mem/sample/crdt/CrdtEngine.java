package io.nodedb.mem.sample.crdt;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.data.Corpus;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps documents in two replicas each. A request edits one replica with words of the corpus; every
 * few edits the two are merged and have to be equal. With a recorded history, every second request
 * types the next keystrokes of that. Documents that have grown long are dropped for new ones, and
 * under pressure those not used for longest are saved until they are.
 *
 * <p>Documents are a JNI library's memory. The thread is pinned to the engine's arena in every call,
 * so that, with jemalloc preloaded, the agent knows it.
 */
public final class CrdtEngine implements Engine {
  private static final int DOCUMENTS = 16;
  private static final int MERGE_EVERY = 8;
  private static final int MOST_EDITS = 200;
  private static final int SNIPPET = 48;
  private static final int HISTORY_LIMIT = 40_000;
  private static final byte HISTORY = -1;
  private static final byte FLOOD = -2;

  /** About a megabyte of native memory, less than what is left free near the limit. */
  private static final int FLOOD_TEXT = 2 << 10;

  private final Corpus corpus;
  private final Path historyFile;
  private final SharedText[] documents = new SharedText[DOCUMENTS];
  private final DocumentFlood flood = new DocumentFlood();
  private final LongAdder merges = new LongAdder();
  private final AtomicLong uses = new AtomicLong();
  private ColdDocuments cold;
  private HistoryReplay replay;

  /**
   * Makes one without documents.
   *
   * @param corpus what people write
   * @param data a directory that may hold {@code paper.json.gz}, or null
   */
  public CrdtEngine(Corpus corpus, Path data) {
    this.corpus = corpus;
    this.historyFile = data == null ? null : data.resolve("paper.json.gz");
  }

  @Override
  public String name() {
    return Engines.CRDT;
  }

  @Override
  @EngineBudget(value = Engines.CRDT, pinArena = true)
  public void load() throws IOException {
    for (int i = 0; i < DOCUMENTS; i++) {
      documents[i] = new SharedText();
    }
    cold = new ColdDocuments(documents, flood);
    if (historyFile != null && Files.exists(historyFile)) {
      replay = new HistoryReplay(EditHistory.read(historyFile, HISTORY_LIMIT));
    }
  }

  /**
   * Document (some are written to more often than others), replica, where, how much to delete, what
   * to insert; or {@link #HISTORY} alone; or {@link #FLOOD} and a text.
   */
  @Override
  public byte[] request(SplittableRandom random) {
    if (replay != null && random.nextBoolean()) {
      return new byte[] {HISTORY};
    }
    byte[] text = basicPlane(corpus.snippet(random, SNIPPET)).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(3 + Integer.BYTES + text.length)
        .put((byte) Math.min(random.nextInt(DOCUMENTS), random.nextInt(DOCUMENTS)))
        .put((byte) random.nextInt(2))
        .put((byte) random.nextInt(SNIPPET / 2))
        .putInt(random.nextInt(Integer.MAX_VALUE))
        .put(text)
        .array();
  }

  /**
   * A new document that nobody will ask for again.
   *
   * @param random chooses what it says
   * @return the request
   */
  public byte[] floodRequest(SplittableRandom random) {
    StringBuilder text = new StringBuilder(2 * FLOOD_TEXT);
    while (text.length() < FLOOD_TEXT) {
      text.append(basicPlane(corpus.snippet(random, 1024)));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put(FLOOD).put(bytes).array();
  }

  /**
   * What became of the flood.
   *
   * @return documents saved to make room
   */
  public long floodSaved() {
    return flood.saved();
  }

  @Override
  public void execute(byte[] request) throws WrongAnswerException {
    if (request[0] == FLOOD) {
      cold.careFirst();
    } else {
      cold.care();
    }
    apply(request);
  }

  @EngineBudget(value = Engines.CRDT, pinArena = true)
  private void apply(byte[] request) throws WrongAnswerException {
    ByteBuffer in = ByteBuffer.wrap(request);
    byte document = in.get();
    if (document == HISTORY) {
      replay.advance();
      return;
    }
    if (document == FLOOD) {
      flood.add(StandardCharsets.UTF_8.decode(in).toString());
      return;
    }
    int side = in.get();
    int deleted = in.get();
    int where = in.getInt();
    String inserted = StandardCharsets.UTF_8.decode(in).toString();
    SharedText shared = documents[document];
    synchronized (shared) {
      ReplicaPair pair = shared.edit(uses.incrementAndGet());
      pair.edit(side, editor -> {
        int length = editor.length();
        int position = where % (length + 1);
        editor.splice(position, Math.min(deleted, length - position), inserted);
      });
      if (shared.edits() % MERGE_EVERY == 0) {
        pair.mergeAndCompare();
        merges.increment();
      }
      if (shared.edits() >= MOST_EDITS) {
        shared.startOver();
      }
    }
  }

  @Override
  @EngineBudget(value = Engines.CRDT, pinArena = true)
  public String verify() throws WrongAnswerException {
    for (SharedText shared : documents) {
      synchronized (shared) {
        boolean open = shared.isOpen();
        shared.check();
        merges.increment();
        if (!open) {
          shared.close();
        }
      }
    }
    String report = merges.sum() + " merges, replicas equal after each";
    if (cold.saved() > 0) {
      report += "; " + cold.saved() + " times a cold document was saved and closed";
    }
    if (flood.arrived() > 0) {
      report += "; " + flood.saved() + " of a flood of " + flood.arrived() + " documents saved";
    }
    if (replay != null) {
      replay.compare();
      report += "; " + replay.replayed() + " recorded keystrokes replayed";
    }
    return report;
  }

  /** Automerge counts code points and Java counts chars: where they differ, do without. */
  private static String basicPlane(String text) {
    StringBuilder result = new StringBuilder(text.length());
    text.chars().filter(c -> !Character.isSurrogate((char) c)).forEach(c -> result.append((char) c));
    return result.toString();
  }

  @Override
  public void close() {
    if (cold != null) {
      cold.close();
    }
    flood.close();
    for (SharedText shared : documents) {
      if (shared != null) {
        shared.close();
      }
    }
    if (replay != null) {
      replay.close();
    }
  }
}
