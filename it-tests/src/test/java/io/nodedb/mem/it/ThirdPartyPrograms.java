package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.MemoryGovernor;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.codecs.perfield.PerFieldKnnVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * Programs that know nothing of engines, apart from printing what became of them. Each does small
 * work, then twice work without an end and small work again.
 */
final class ThirdPartyPrograms {
  private ThirdPartyPrograms() {}

  /** Runs what should be refused, somewhere in a package or class; anything else ends the program. */
  private static void endless(int round, String inside, Callable<?> work) throws Exception {
    try {
      System.out.println("huge" + round + "=" + work.call());
    } catch (Exception thrown) {
      BudgetExceededException refusal = refusal(thrown);
      System.out.println("huge" + round + "=refused");
      System.out.println("cause" + round + "=" + refusal.engine() + " " + refusal.bound());
      System.out.println("at=" + Arrays.toString(refusal.getStackTrace()));
      System.out.println(
          "inside" + round + "="
              + Arrays.stream(refusal.getStackTrace())
                  .anyMatch(f -> f.getClassName().startsWith(inside)));
    }
  }

  /** The library may wrap it. */
  private static BudgetExceededException refusal(Exception thrown) throws Exception {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof BudgetExceededException refusal) {
        return refusal;
      }
    }
    throw thrown;
  }

  private static void rejections(String engine) {
    MemoryGovernor governor = MemoryGovernor.get();
    if (governor.active()) {
      System.out.println("rejections=" + governor.snapshot(engine).rejections());
    }
  }

  /** Groups by millions of keys, then by a few, on one connection. */
  static final class Grouping {
    private Grouping() {}

    public static void main(String[] args) throws Exception {
      try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
          Statement statement = connection.createStatement()) {
        System.out.println("before=" + groups(statement, 100));
        for (int round = 0; round < 2; round++) {
          endless(round, "org.h2.command.", () -> groups(statement, 5_000_000));
          System.out.println("small" + round + "=" + groups(statement, 1000));
        }
      }
      rejections("query");
    }

    private static long groups(Statement statement, int keys) throws SQLException {
      String key = "REPEAT('wide ', 40) || X";
      String sql =
          "SELECT COUNT(*) FROM (SELECT " + key + ", COUNT(*) FROM SYSTEM_RANGE(1, " + keys
              + ") GROUP BY " + key + ")";
      try (ResultSet rows = statement.executeQuery(sql)) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** Adds vectors, whose graph grows with each, to one segment in memory. */
  static final class Graph {
    /** Reports that a module is missing which would make it faster. */
    private static final Logger LOGGER = Logger.getLogger("org.apache.lucene");

    static {
      LOGGER.setLevel(Level.OFF);
    }

    private static final int DIMENSIONS = 128;
    private static final int SMALL = 200;

    /** The default format with a third of its work for each vector. */
    private static final Codec CODEC =
        new FilterCodec(Codec.getDefault().getName(), Codec.getDefault()) {
          @Override
          public KnnVectorsFormat knnVectorsFormat() {
            return new PerFieldKnnVectorsFormat() {
              @Override
              public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                return new Lucene99HnswVectorsFormat(16, 16);
              }
            };
          }
        };

    private final Directory directory = new ByteBuffersDirectory();

    private Graph() {}

    public static void main(String[] args) throws Exception {
      Graph graph = new Graph();
      graph.add(SMALL);
      System.out.println("before=" + graph.found());
      for (int round = 0; round < 2; round++) {
        endless(round, "org.apache.lucene.", () -> graph.add(10_000_000));
        graph.add(SMALL);
        System.out.println("small" + round + "=" + graph.found());
      }
      rejections("vector");
    }

    /** As an application does it: what cannot be finished is rolled back. */
    private int add(int count) throws IOException {
      SplittableRandom random = new SplittableRandom(1);
      IndexWriter writer =
          new IndexWriter(
              directory,
              new IndexWriterConfig()
                  .setCodec(CODEC)
                  .setMergePolicy(NoMergePolicy.INSTANCE)
                  .setMaxBufferedDocs(Integer.MAX_VALUE)
                  .setRAMBufferSizeMB(IndexWriterConfig.DISABLE_AUTO_FLUSH));
      try {
        for (int i = 0; i < count; i++) {
          float[] vector = new float[DIMENSIONS];
          for (int k = 0; k < vector.length; k++) {
            vector[k] = random.nextFloat();
          }
          Document document = new Document();
          document.add(new KnnFloatVectorField("v", vector));
          writer.addDocument(document);
        }
        writer.commit();
        return count;
      } finally {
        writer.rollback();
      }
    }

    /** How many documents there are, if a search finds some. */
    private int found() throws IOException {
      float[] vector = new float[DIMENSIONS];
      vector[0] = 1;
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        int hits =
            new IndexSearcher(reader)
                .search(new KnnFloatVectorQuery("v", vector, 10), 10)
                .scoreDocs
                .length;
        return hits == 10 ? reader.numDocs() : -1;
      }
    }
  }

  /** A rule opens a scope in this class alone. */
  static final class Service {
    private final Caller caller = new Caller();

    void handle(Map<Long, Long> map, long entries) {
      caller.call(map, entries);
    }
  }

  /** No rule names it. */
  static final class Caller {
    private final Callee callee = new Callee();

    void call(Map<Long, Long> map, long entries) {
      callee.fill(map, entries);
    }
  }

  /** Nor this. */
  static final class Callee {
    void fill(Map<Long, Long> map, long entries) {
      for (long i = 0; i < entries; i++) {
        map.put(i, -i);
      }
    }
  }

  /** Fills a map of the JDK, two calls below what the rule names. */
  static final class Mapping {
    private Mapping() {}

    public static void main(String[] args) throws Exception {
      Service service = new Service();
      Map<Long, Long> small = new HashMap<>();
      service.handle(small, 1000);
      System.out.println("before=" + small.size());
      for (int round = 0; round < 2; round++) {
        Map<Long, Long> huge = new HashMap<>();
        endless(
            round,
            Callee.class.getName(),
            () -> {
              service.handle(huge, Long.MAX_VALUE);
              return "ended";
            });
        huge.keySet().removeIf(key -> key >= 1000); // The refused map is as good as any.
        service.handle(huge, 500);
        System.out.println("small" + round + "=" + (huge.equals(small) ? huge.size() : -1));
      }
      rejections("query");
    }
  }
}
