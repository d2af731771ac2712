package io.nodedb.mem.sample.query;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** The queries, and what their answers have to be. Thread-safe. */
final class Queries {
  /** How often each line item counts in the largest query: the number of groups over the rows'. */
  private static final int TIMES = 100;

  /** Wide keys fill a heap before they fill the time. */
  private static final int KEY_LENGTH = 3000;

  private final TpchRows rows;
  private final OwnGroupBy own;

  /**
   * Makes them.
   *
   * @param rows what to ask about
   * @param spilled for what the engine's own grouping spills
   * @param cancelled whether to give that grouping up
   */
  Queries(TpchRows rows, Path spilled, BooleanSupplier cancelled) {
    this.rows = rows;
    this.own = new OwnGroupBy(rows, spilled, cancelled);
  }

  /** What can be asked. */
  enum Kind {
    /** Sums by return flag and line status: a handful of groups. */
    PRICING,
    /** Sums by order priority: five groups. */
    PRIORITIES,
    /** Sums by order and line: as many groups as rows. */
    UNIQUE_KEYS,
    /** The same by the engine's own grouping, which spills where the database's is refused. */
    UNIQUE_KEYS_OWN,
    /** The same with every row a hundred times, under different keys: millions of groups. */
    UNIQUE_KEYS_MANY_TIMES,
    /** Millions of groups by the engine's own grouping. */
    UNIQUE_KEYS_MANY_TIMES_OWN;

    /** Whether it takes minutes, or more memory than there is. */
    boolean hugest() {
      return this == UNIQUE_KEYS_MANY_TIMES || this == UNIQUE_KEYS_MANY_TIMES_OWN;
    }
  }

  /**
   * Runs a query.
   *
   * @param kind which one
   * @param a one end of the days looked at, 0 to 1
   * @param b the other end
   * @param statement where to run it
   * @throws WrongAnswerException if the answer is wrong
   * @throws SQLException if there is none
   */
  void run(Kind kind, double a, double b, Statement statement)
      throws SQLException, WrongAnswerException {
    int days = rows.orderDateAt(Math.max(a, b));
    switch (kind) {
      case PRICING -> groups(statement,
          "SELECT l_returnflag || '|' || l_linestatus, SUM(l_quantity), SUM(l_extendedprice),"
              + " COUNT(*) FROM lineitem WHERE l_shipdate <= " + days
              + " GROUP BY l_returnflag, l_linestatus",
          rows.pricing(days));
      case PRIORITIES -> {
        int first = Math.min(rows.orderDateAt(a), rows.orderDateAt(b));
        int last = Math.max(rows.orderDateAt(a), rows.orderDateAt(b));
        groups(statement,
            "SELECT o_orderpriority, 0, SUM(o_totalprice), COUNT(*) FROM orders"
                + " WHERE o_orderdate BETWEEN " + first + " AND " + last
                + " GROUP BY o_orderpriority",
            rows.priorities(first, last));
      }
      case UNIQUE_KEYS -> unique(statement, 1,
          "SELECT l_orderkey, l_linenumber, SUM(l_quantity), SUM(l_extendedprice), COUNT(*)"
              + " FROM lineitem GROUP BY l_orderkey, l_linenumber");
      case UNIQUE_KEYS_OWN -> own.run(1);
      case UNIQUE_KEYS_MANY_TIMES_OWN -> own.run(TIMES);
      case UNIQUE_KEYS_MANY_TIMES -> unique(statement, TIMES,
          "SELECT RPAD(l_orderkey || '/' || l_linenumber || '/' || x, " + KEY_LENGTH + ", '.') k, x,"
              + " SUM(l_quantity), SUM(l_extendedprice), COUNT(*), COUNT(DISTINCT l_shipdate)"
              + " FROM lineitem, SYSTEM_RANGE(1, " + TIMES + ") GROUP BY k, x");
    }
  }

  private static void groups(Statement statement, String sql, Map<String, TpchRows.Sums> expected)
      throws SQLException, WrongAnswerException {
    Map<String, TpchRows.Sums> found = answer(statement, sql);
    if (!found.equals(expected)) {
      throw new WrongAnswerException(
          "query: " + sql + " gives " + found + " (expected: " + expected + ")");
    }
  }

  /** The engine's work: what an answer is checked against is made in no scope. */
  @EngineBudget(Engines.QUERY)
  private static Map<String, TpchRows.Sums> answer(Statement statement, String sql)
      throws SQLException {
    Map<String, TpchRows.Sums> found = new TreeMap<>();
    try (ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        found.put(result.getString(1),
            new TpchRows.Sums(result.getLong(2), result.getLong(3), result.getLong(4)));
      }
    }
    return found;
  }

  @EngineBudget(Engines.QUERY)
  private void unique(Statement statement, int times, String sql)
      throws SQLException, WrongAnswerException {
    long quantity = 0;
    long price = 0;
    long count = 0;
    try (ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        quantity += result.getLong(3);
        price += result.getLong(4);
        count += result.getLong(5) == 1 ? 1 : 0;
      }
    }
    TpchRows.Sums found = new TpchRows.Sums(quantity, price, count);
    TpchRows.Sums expected = rows.all().times(times);
    if (!found.equals(expected)) {
      throw new WrongAnswerException(
          "query: " + sql + " sums up to " + found + " (expected: " + expected + ")");
    }
  }
}
