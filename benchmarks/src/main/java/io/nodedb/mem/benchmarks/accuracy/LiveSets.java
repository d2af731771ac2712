package io.nodedb.mem.benchmarks.accuracy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;

/** Builders of live sets of about a given size; the result keeps the set alive. */
final class LiveSets {
  private static final int LARGE = 3_000_000;

  private LiveSets() {}

  static final Map<String, LongFunction<Object>> ALL =
      Map.of(
          "tiny objects", LiveSets::tiny,
          "mixed objects", LiveSets::mixed,
          "large arrays", LiveSets::large,
          "JDK maps", LiveSets::maps,
          "Lucene buffer", LiveSets::lucene,
          "H2 table", LiveSets::h2);

  private static Object tiny(long bytes) {
    Object[] all = new Object[(int) (bytes / 20)];
    for (int i = 0; i < all.length; i++) {
      all[i] = new int[1];
    }
    return all;
  }

  private static Object mixed(long bytes) {
    List<Object> all = new ArrayList<>();
    long left = bytes;
    for (int i = 0; left > 0; i++) {
      int size = 16 << i % 12;
      all.add(new byte[size]);
      left -= size + 20;
    }
    return all;
  }

  private static Object large(long bytes) {
    List<byte[]> all = new ArrayList<>();
    for (long done = 0; done < bytes; done += LARGE) {
      all.add(new byte[LARGE]);
    }
    return all;
  }

  private static Object maps(long bytes) {
    int entries = (int) (bytes / 200);
    Map<Integer, String> hash = new HashMap<>();
    Map<Integer, String> concurrent = new ConcurrentHashMap<>();
    for (int i = 0; i < entries; i++) {
      hash.put(i * 7, "value " + i);
      concurrent.put(i * 3, Integer.toString(i));
    }
    return List.of(hash, concurrent);
  }

  /**
   * Documents in a writer's buffer, which is as large as the set. Every second word is a new one: what
   * is said again takes a few bytes, and a gigabyte of that takes minutes.
   */
  private static Object lucene(long bytes) {
    try {
      IndexWriter writer =
          new IndexWriter(
              new org.apache.lucene.store.ByteBuffersDirectory(),
              new IndexWriterConfig(new WhitespaceAnalyzer()).setRAMBufferSizeMB(1900));
      StringBuilder text = new StringBuilder();
      for (int i = 0; writer.ramBytesUsed() < bytes; i++) {
        text.setLength(0);
        for (int word = 0; word < 40; word++) {
          int number = word % 2 == 0 ? (i * 31 + word * 17) % 1_000_003 : 2_000_000 + i * 20 + word / 2;
          text.append("word").append(number).append(' ');
        }
        Document document = new Document();
        document.add(new TextField("text", text.toString(), Field.Store.YES));
        writer.addDocument(document);
      }
      return writer;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Object h2(long bytes) {
    try {
      Connection connection = DriverManager.getConnection("jdbc:h2:mem:accuracy");
      try (Statement s = connection.createStatement()) {
        s.execute("create table t(id bigint primary key, name varchar, amount double)");
        s.execute(
            "insert into t select x, 'name of row ' || x, x * 1.5 from system_range(1, "
                + bytes / 330 + ")");
      }
      return connection;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
