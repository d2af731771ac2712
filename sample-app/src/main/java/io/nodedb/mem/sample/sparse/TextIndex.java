package io.nodedb.mem.sample.sparse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * A Lucene index of texts under keys, on the heap. Merges run on the thread that writes, so that
 * they belong to its engine. Thread-safe.
 */
final class TextIndex implements AutoCloseable {
  private static final String TEXT = "text";
  private static final String KEY = "key";

  private final Analyzer analyzer = new StandardAnalyzer();
  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final IndexWriter writer;
  private final SearcherManager searchers;

  TextIndex() throws IOException {
    writer = new IndexWriter(directory, new IndexWriterConfig(analyzer)
        .setMergeScheduler(new SerialMergeScheduler())
        .setRAMBufferSizeMB(16));
    searchers = new SearcherManager(writer, null);
  }

  /** Stores a text under a key in place of an earlier one; seen by searches after a refresh. */
  void put(String key, String text) throws IOException {
    Document document = new Document();
    document.add(new StringField(KEY, key, Field.Store.YES));
    document.add(new TextField(TEXT, text, Field.Store.NO));
    writer.updateDocument(new Term(KEY, key), document);
  }

  void refresh() throws IOException {
    searchers.maybeRefreshBlocking();
  }

  IndexSearcher acquire() throws IOException {
    IndexSearcher searcher = searchers.acquire();
    searcher.setSimilarity(new BM25Similarity());
    return searcher;
  }

  void release(IndexSearcher searcher) throws IOException {
    searchers.release(searcher);
  }

  static Term key(String key) {
    return new Term(KEY, key);
  }

  static String keyOf(IndexSearcher searcher, int document) throws IOException {
    return searcher.storedFields().document(document).get(KEY);
  }

  static Query word(String word) {
    return new TermQuery(new Term(TEXT, word));
  }

  /** The words of a text that fewest documents hold; words that no document holds are left out. */
  List<String> rarest(IndexSearcher searcher, String text, int count) throws IOException {
    Map<String, Integer> frequency = new TreeMap<>();
    for (String word : wholeWords(text)) {
      int documents = searcher.getIndexReader().docFreq(new Term(TEXT, word));
      if (documents > 0) {
        frequency.put(word, documents);
      }
    }
    return frequency.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .limit(count)
        .map(Map.Entry::getKey)
        .toList();
  }

  static Query anyOf(List<String> words) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    for (String word : words) {
      query.add(word(word), BooleanClause.Occur.SHOULD);
    }
    return query.build();
  }

  /** All words but the first and the last, which may be cut. */
  private List<String> wholeWords(String text) throws IOException {
    List<String> words = new ArrayList<>();
    try (TokenStream stream = analyzer.tokenStream(TEXT, text)) {
      CharTermAttribute word = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        words.add(word.toString());
      }
      stream.end();
    }
    return words.size() < 3 ? List.of() : words.subList(1, words.size() - 1);
  }

  @Override
  public void close() throws IOException {
    searchers.close();
    writer.close();
    directory.close();
    analyzer.close();
  }
}
