package io.nodedb.mem.benchmarks.cost;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
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

/** Nearest neighbours among generated vectors, in a graph of one segment on the heap. */
final class HnswSearch {
  private static final int VECTORS = 2_000;
  private static final int DIMENSIONS = 64;
  private static final int CLUSTERS = 50;
  private static final int QUERIES = 100;
  private static final int CANDIDATES = 100;

  private final float[][] queries = new float[QUERIES][];
  private final IndexSearcher searcher;

  HnswSearch() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    float[][] centres = new float[CLUSTERS][];
    for (int i = 0; i < CLUSTERS; i++) {
      centres[i] = near(new float[DIMENSIONS], 4, random);
    }
    ByteBuffersDirectory directory = new ByteBuffersDirectory();
    try (IndexWriter writer =
        new IndexWriter(
            directory, new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE))) {
      for (int i = 0; i < VECTORS; i++) {
        Document document = new Document();
        document.add(
            new KnnFloatVectorField(
                "v",
                near(centres[i % CLUSTERS], 1, random),
                VectorSimilarityFunction.EUCLIDEAN));
        writer.addDocument(document);
      }
    }
    for (int i = 0; i < QUERIES; i++) {
      queries[i] = near(centres[i % CLUSTERS], 1, random);
    }
    searcher = new IndexSearcher(DirectoryReader.open(directory));
  }

  List<Operation> operations() {
    return List.of(new Operation("Lucene HNSW search", this::search));
  }

  private long search() throws IOException {
    long sum = 0;
    for (float[] query : queries) {
      for (ScoreDoc hit :
          searcher.search(new KnnFloatVectorQuery("v", query, CANDIDATES), 10).scoreDocs) {
        sum += hit.doc;
      }
    }
    return sum;
  }

  private static float[] near(float[] centre, double spread, SplittableRandom random) {
    float[] vector = new float[DIMENSIONS];
    for (int i = 0; i < DIMENSIONS; i++) {
      vector[i] = (float) (centre[i] + spread * random.nextGaussian());
    }
    return vector;
  }
}
