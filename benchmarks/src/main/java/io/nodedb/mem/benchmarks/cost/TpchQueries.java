package io.nodedb.mem.benchmarks.cost;

import io.trino.tpch.Distributions;
import io.trino.tpch.LineItem;
import io.trino.tpch.LineItemGenerator;
import io.trino.tpch.TextPool;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Two aggregations over TPC-H line items in an H2 database on the heap. */
final class TpchQueries {
  private static final double SCALE = 0.004;
  private static final int BATCH = 1_000;

  /** After Q1: all but the latest rows, in four groups. */
  private static final String PRICING =
      "SELECT l_returnflag, l_linestatus, SUM(l_quantity), SUM(l_extendedprice),"
          + " SUM(l_extendedprice * (100 - l_discount)),"
          + " SUM(l_extendedprice * (100 - l_discount) * (100 + l_tax)), AVG(l_quantity),"
          + " AVG(l_extendedprice), AVG(l_discount), COUNT(*) FROM lineitem"
          + " WHERE l_shipdate <= 10470 GROUP BY l_returnflag, l_linestatus"
          + " ORDER BY l_returnflag, l_linestatus";

  /** After Q18: one group an order, of which few remain. */
  private static final String LARGE_ORDERS =
      "SELECT l_orderkey, SUM(l_quantity) q, SUM(l_extendedprice) p FROM lineitem"
          + " GROUP BY l_orderkey HAVING SUM(l_quantity) > 250 ORDER BY p DESC, l_orderkey LIMIT 100";

  private final Connection connection = DriverManager.getConnection("jdbc:h2:mem:;OPTIMIZE_REUSE_RESULTS=0");

  TpchQueries() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE lineitem(l_orderkey BIGINT NOT NULL, l_quantity INT NOT NULL,"
              + " l_extendedprice BIGINT NOT NULL, l_discount INT NOT NULL, l_tax INT NOT NULL,"
              + " l_returnflag CHAR(1) NOT NULL, l_linestatus CHAR(1) NOT NULL,"
              + " l_shipdate INT NOT NULL)");
    }
    Distributions words = Distributions.getDefaultDistributions();
    // Comments are not stored, and the default pool takes 300 MB.
    TextPool comments = new TextPool(1 << 16, words);
    int row = 0;
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO lineitem VALUES(?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (LineItem item : new LineItemGenerator(SCALE, 1, 1, words, () -> comments)) {
        insert.setLong(1, item.orderKey());
        insert.setLong(2, item.quantity());
        insert.setLong(3, item.extendedPriceInCents());
        insert.setLong(4, item.discountPercent());
        insert.setLong(5, item.taxPercent());
        insert.setString(6, item.returnFlag());
        insert.setString(7, item.status());
        insert.setInt(8, item.shipDate());
        insert.addBatch();
        if (++row % BATCH == 0) {
          insert.executeBatch();
        }
      }
      insert.executeBatch();
    }
  }

  List<Operation> operations() {
    return List.of(
        new Operation("H2, TPC-H Q1-like", () -> query(PRICING, 3)),
        new Operation("H2, TPC-H Q18-like", () -> query(LARGE_ORDERS, 2)));
  }

  private long query(String sql, int column) throws SQLException {
    long sum = 0;
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        sum += result.getLong(column);
      }
    }
    return sum;
  }
}
