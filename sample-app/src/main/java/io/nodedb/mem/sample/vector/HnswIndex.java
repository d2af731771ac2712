package io.nodedb.mem.sample.vector;

import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.sample.engine.LuceneLogging;
import java.io.IOException;
import java.util.List;
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
import org.apache.lucene.store.Directory;

/**
 * A Lucene HNSW graph over one set of vectors. Built in one go, on the heap: a single segment, so
 * that a document's number is its vector's position; then moved into an overflow region if there is
 * one. Searching is thread-safe.
 */
final class HnswIndex implements AutoCloseable {
  private static final String FIELD = "v";

  static {
    LuceneLogging.quiet();
  }

  /** More candidates than neighbours wanted: what recall costs. */
  private static final int CANDIDATES = 100;

  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  private HnswIndex(Directory directory) throws IOException {
    this.directory = directory;
    this.reader = DirectoryReader.open(directory);
    this.searcher = new IndexSearcher(reader);
  }

  /** An index that was built before. */
  static HnswIndex open(RegionDirectory directory) throws IOException {
    return new HnswIndex(directory);
  }

  /** Builds an index; keeps it in a region, or on the heap if that is null. */
  static HnswIndex build(List<float[]> vectors, OverflowRegion region) throws IOException {
    ByteBuffersDirectory built = new ByteBuffersDirectory();
    IndexWriterConfig config = new IndexWriterConfig()
        .setMergePolicy(NoMergePolicy.INSTANCE)
        .setRAMBufferSizeMB(256);
    try (IndexWriter writer = new IndexWriter(built, config)) {
      for (float[] vector : vectors) {
        Document document = new Document();
        document.add(new KnnFloatVectorField(FIELD, vector, VectorSimilarityFunction.EUCLIDEAN));
        writer.addDocument(document);
      }
    }
    return new HnswIndex(region == null ? built : RegionDirectory.copy(built, region));
  }

  /** Where its files are. */
  Directory directory() {
    return directory;
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
