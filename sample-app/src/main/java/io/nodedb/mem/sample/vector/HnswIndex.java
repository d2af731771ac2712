package io.nodedb.mem.sample.vector;

import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * A Lucene HNSW graph over one set of vectors, on the heap. Built in one go: a single segment, so
 * that a document's number is its vector's position. Searching is thread-safe.
 */
final class HnswIndex implements AutoCloseable {
  private static final String FIELD = "v";

  /**
   * Kept, or the logger and its level would be collected. At its first use Lucene recommends a JVM
   * flag that makes the JVM itself warn.
   */
  private static final Logger LUCENE =
      Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

  static {
    LUCENE.setLevel(Level.SEVERE);
  }

  /** More candidates than neighbours wanted: what recall costs. */
  private static final int CANDIDATES = 100;

  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final VectorSet set;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  HnswIndex(VectorSet set) throws IOException {
    this.set = set;
    IndexWriterConfig config = new IndexWriterConfig()
        .setMergePolicy(NoMergePolicy.INSTANCE)
        .setRAMBufferSizeMB(256);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (float[] vector : set.vectors()) {
        Document document = new Document();
        document.add(new KnnFloatVectorField(FIELD, vector, VectorSimilarityFunction.EUCLIDEAN));
        writer.addDocument(document);
      }
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
  }

  VectorSet set() {
    return set;
  }

  int[] search(float[] query, int k) throws IOException {
    ScoreDoc[] hits =
        searcher.search(new KnnFloatVectorQuery(FIELD, query, CANDIDATES), k).scoreDocs;
    int[] found = new int[hits.length];
    for (int i = 0; i < hits.length; i++) {
      found[i] = hits[i].doc;
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
  }
}
