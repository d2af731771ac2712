package io.nodedb.mem.benchmarks.spill;

import io.nodedb.mem.EngineScope;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.blocks.Merge;
import io.nodedb.mem.blocks.SpillStore;
import io.nodedb.mem.blocks.SpillableAggregation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * One GROUP BY: key {@code i * 7919 mod 20000003} for each row i, which are all distinct; the sum of
 * {@code key mod 1000} and a count for each.
 */
final class GroupByChild {
  private static final long FACTOR = 7919;
  private static final long MODULUS = 20_000_003;
  private static final long VALUES = 1000;

  private final int keys;
  private final BitSet seen = new BitSet((int) MODULUS);

  private GroupByChild(int keys) {
    if (keys < 1 || keys > MODULUS) {
      throw new IllegalArgumentException("keys: " + keys + " (expected: 1 to " + MODULUS + ")");
    }
    this.keys = keys;
  }

  public static void main(String[] args) throws Exception {
    GroupByChild child = new GroupByChild(Integer.parseInt(args[1]));
    Path directory = Files.createTempDirectory("group-by");
    try {
      long began = System.nanoTime();
      switch (args[0]) {
        case "memory", "file" -> {
          try (SpillStore store = SpillStore.inFile(directory)) {
            child.aggregate(store);
          }
        }
        case "region" -> {
          OverflowOptions options =
              OverflowOptions.defaults()
                  .withSize(64 << 20, 16L << 30)
                  .withDurability(Durability.NONE);
          MemoryGovernor governor = MemoryGovernor.get();
          try (OverflowRegion region = governor.openOverflow(Engines.WAL, directory, options);
              SpillStore store = SpillStore.in(region, Engines.QUERY)) {
            child.aggregate(store);
          }
        }
        case "h2" -> child.h2();
        case "duckdb" -> child.duckDb(args[2], directory);
        default -> throw new IllegalArgumentException(args[0]);
      }
      System.out.println("seconds=" + (System.nanoTime() - began) / 1e9);
      System.out.println("rss=" + peakRss());
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private void aggregate(SpillStore store) {
    try (EngineScope _ = EngineScope.open(Engines.QUERY);
        SpillableAggregation groups =
            new SpillableAggregation(Engines.QUERY, store, Merge.SUM, Merge.SUM)) {
      // One array for all rows: garbage would count as the engine's between collections.
      long[] values = {0, 1};
      for (long i = 0; i < keys; i++) {
        long key = i * FACTOR % MODULUS;
        values[0] = key % VALUES;
        groups.add(key, values);
      }
      groups.forEach(group -> check(group.longKey(), group.value(0), group.value(1)));
    }
    complete();
    EngineSnapshot query = MemoryGovernor.get().snapshot(Engines.QUERY);
    if (query.peak() > query.limit()) {
      throw new IllegalStateException("peak " + query.peak() + " over limit " + query.limit());
    }
    System.out.println("peak=" + query.peak());
    System.out.println("spilled=" + query.spilledBytes());
  }

  private void h2() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:", "sa", "")) {
      query(
          connection,
          "SELECT MOD(X * " + FACTOR + ", " + MODULUS + ") K, SUM(MOD(MOD(X * " + FACTOR + ", "
              + MODULUS + "), " + VALUES + ")), COUNT(*) FROM SYSTEM_RANGE(0, " + (keys - 1)
              + ") GROUP BY K");
    }
  }

  private void duckDb(String limit, Path directory) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
        Statement statement = connection.createStatement()) {
      statement.execute("SET temp_directory='" + directory + "'");
      statement.execute("SET preserve_insertion_order=false");
      if (!limit.isEmpty()) {
        statement.execute("SET memory_limit='" + limit + "'");
      }
      query(
          connection,
          "SELECT k, SUM(k % " + VALUES + "), COUNT(*) FROM (SELECT (range * " + FACTOR + ") % "
              + MODULUS + " AS k FROM range(" + keys + ")) GROUP BY k");
    }
  }

  private void query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        check(rows.getLong(1), rows.getLong(2), rows.getLong(3));
      }
    }
    complete();
  }

  private void check(long key, long sum, long count) {
    if (seen.get((int) key) || sum != key % VALUES || count != 1) {
      throw new IllegalStateException("group " + key + ": sum " + sum + ", count " + count);
    }
    seen.set((int) key);
  }

  private void complete() {
    if (seen.cardinality() != keys) {
      throw new IllegalStateException(seen.cardinality() + " groups (expected: " + keys + ")");
    }
    for (long i = 0; i < keys; i++) {
      if (!seen.get((int) (i * FACTOR % MODULUS))) {
        throw new IllegalStateException("no group for row " + i);
      }
    }
  }

  private static long peakRss() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }
}
