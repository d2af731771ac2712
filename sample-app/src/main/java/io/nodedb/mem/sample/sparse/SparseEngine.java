package io.nodedb.mem.sample.sparse;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.data.Corpus;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;

/**
 * Finds texts by their words. A search takes the rarest words of a passage and has to bring back the
 * document the passage is from, unless ten others score as high. One request in sixteen rewrites a
 * note and has to find it, and only it, by a word that was never used before.
 */
public final class SparseEngine implements Engine {
  private static final int HITS = 10;
  private static final int RARE_WORDS = 4;
  private static final int PASSAGE = 240;
  private static final int NOTES = 500;
  private static final int WRITE_ONE_IN = 16;
  private static final int WRITE = -1;
  private static final int FINAL_CHECKS = 200;

  private final Corpus corpus;
  private final LongAdder checked = new LongAdder();
  private TextIndex index;
  private long version;

  /**
   * Makes one without data.
   *
   * @param corpus the texts to index
   */
  public SparseEngine(Corpus corpus) {
    this.corpus = corpus;
  }

  @Override
  public String name() {
    return Engines.SPARSE;
  }

  @Override
  @EngineBudget(Engines.SPARSE)
  public void load() throws IOException {
    index = new TextIndex();
    for (int i = 0; i < corpus.size(); i++) {
      index.put(Integer.toString(i), corpus.text(i));
    }
    index.refresh();
  }

  /** The document's number, or {@link #WRITE}; then a passage. */
  @Override
  public byte[] request(SplittableRandom random) {
    if (random.nextInt(WRITE_ONE_IN) == 0) {
      return encode(WRITE, corpus.snippet(random, PASSAGE));
    }
    int document = random.nextInt(corpus.size());
    String text = corpus.text(document);
    int start = text.length() <= PASSAGE ? 0 : random.nextInt(text.length() - PASSAGE);
    return encode(document, text.substring(start, Math.min(text.length(), start + PASSAGE)));
  }

  @Override
  @EngineBudget(Engines.SPARSE)
  public void execute(byte[] request) throws IOException, WrongAnswerException {
    int document = ByteBuffer.wrap(request).getInt();
    String passage = new String(
        request, Integer.BYTES, request.length - Integer.BYTES, StandardCharsets.UTF_8);
    if (document == WRITE) {
      rewriteNote(passage);
    } else {
      search(document, passage);
    }
  }

  @Override
  @EngineBudget(Engines.SPARSE)
  public String verify() throws IOException, WrongAnswerException {
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < FINAL_CHECKS; i++) {
      int document = random.nextInt(corpus.size());
      search(document, corpus.text(document));
    }
    return checked.sum() + " passages found by their rarest words";
  }

  private void search(int document, String passage) throws IOException, WrongAnswerException {
    IndexSearcher searcher = index.acquire();
    try {
      List<String> words = index.rarest(searcher, passage, RARE_WORDS);
      if (words.isEmpty()) {
        return;
      }
      Query query = TextIndex.anyOf(words);
      ScoreDoc[] hits = searcher.search(query, HITS).scoreDocs;
      String key = Integer.toString(document);
      for (ScoreDoc hit : hits) {
        if (TextIndex.keyOf(searcher, hit.doc).equals(key)) {
          checked.increment();
          return;
        }
      }
      int expected = searcher.search(new TermQuery(TextIndex.key(key)), 1).scoreDocs[0].doc;
      float score = searcher.explain(query, expected).getValue().floatValue();
      if (hits.length < HITS || score > Math.nextUp(hits[HITS - 1].score)) {
        throw new WrongAnswerException("sparse: document " + key + " scores " + score + " for "
            + words + " and is not among the first " + hits.length);
      }
      checked.increment();
    } finally {
      index.release(searcher);
    }
  }

  private synchronized void rewriteNote(String passage) throws IOException, WrongAnswerException {
    String key = "note" + version % NOTES;
    String word = "zq" + version + "v";
    version++;
    index.put(key, word + " " + passage);
    index.refresh();
    IndexSearcher searcher = index.acquire();
    try {
      ScoreDoc[] hits = searcher.search(TextIndex.word(word), HITS).scoreDocs;
      if (hits.length != 1 || !TextIndex.keyOf(searcher, hits[0].doc).equals(key)) {
        throw new WrongAnswerException(
            "sparse: " + hits.length + " hits for " + word + " (expected: 1, " + key + ")");
      }
    } finally {
      index.release(searcher);
    }
  }

  private static byte[] encode(int document, String passage) {
    byte[] text = passage.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Integer.BYTES + text.length).putInt(document).put(text).array();
  }

  @Override
  public void close() throws IOException {
    if (index != null) {
      index.close();
    }
  }
}
