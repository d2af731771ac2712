package io.nodedb.mem.sample.query;

import io.trino.tpch.Distributions;
import io.trino.tpch.LineItem;
import io.trino.tpch.LineItemGenerator;
import io.trino.tpch.Order;
import io.trino.tpch.OrderGenerator;
import io.trino.tpch.TextPool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * TPC-H's orders and line items: put into the database, and kept in plain arrays of the columns that
 * queries use, for a second opinion. Immutable once loaded.
 */
final class TpchRows {
  private static final int INSERT_BATCH = 1_000;
  private static final Distributions DISTRIBUTIONS = Distributions.getDefaultDistributions();

  /** Comments are not stored, so a small pool of words does; the default one takes 300 MB. */
  private static final Supplier<TextPool> COMMENTS =
      () -> new TextPool(1 << 20, DISTRIBUTIONS);

  private static final String[] SCHEMA = {
    "CREATE TABLE orders(o_orderkey BIGINT PRIMARY KEY, o_orderdate INT NOT NULL,"
        + " o_orderpriority VARCHAR(15) NOT NULL, o_totalprice BIGINT NOT NULL)",
    "CREATE TABLE lineitem(l_orderkey BIGINT NOT NULL, l_linenumber INT NOT NULL,"
        + " l_quantity INT NOT NULL, l_extendedprice BIGINT NOT NULL,"
        + " l_returnflag CHAR(1) NOT NULL, l_linestatus CHAR(1) NOT NULL,"
        + " l_shipdate INT NOT NULL)"
  };

  private final int[] orderDate;
  private final String[] priority;
  private final long[] totalPrice;
  private int[] shipDate = new int[1 << 16];
  private int[] quantity = new int[1 << 16];
  private long[] price = new long[1 << 16];
  private char[] status = new char[1 << 16];
  private int lineItems;

  /** Sums of a group. */
  record Sums(long quantity, long price, long count) {
    Sums plus(long moreQuantity, long morePrice) {
      return new Sums(quantity + moreQuantity, price + morePrice, count + 1);
    }

    Sums times(int factor) {
      return new Sums(quantity * factor, price * factor, count * factor);
    }
  }

  TpchRows(Connection connection, double scale) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String table : SCHEMA) {
        statement.execute(table);
      }
    }
    int orders = (int) (OrderGenerator.SCALE_BASE * scale);
    orderDate = new int[orders];
    priority = new String[orders];
    totalPrice = new long[orders];
    loadOrders(connection, scale);
    loadLineItems(connection, scale);
  }

  private void loadOrders(Connection connection, double scale) throws SQLException {
    int row = 0;
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO orders VALUES(?, ?, ?, ?)")) {
      for (Order order : new OrderGenerator(scale, 1, 1, DISTRIBUTIONS, COMMENTS)) {
        orderDate[row] = order.orderDate();
        priority[row] = order.orderPriority().intern();
        totalPrice[row] = order.totalPriceInCents();
        insert.setLong(1, order.orderKey());
        insert.setInt(2, orderDate[row]);
        insert.setString(3, priority[row]);
        insert.setLong(4, totalPrice[row]);
        row++;
        addBatch(insert, row);
      }
      insert.executeBatch();
    }
  }

  private void loadLineItems(Connection connection, double scale) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO lineitem VALUES(?, ?, ?, ?, ?, ?, ?)")) {
      for (LineItem item : new LineItemGenerator(scale, 1, 1, DISTRIBUTIONS, COMMENTS)) {
        keep(item);
        insert.setLong(1, item.orderKey());
        insert.setInt(2, item.lineNumber());
        insert.setLong(3, item.quantity());
        insert.setLong(4, item.extendedPriceInCents());
        insert.setString(5, item.returnFlag());
        insert.setString(6, item.status());
        insert.setInt(7, item.shipDate());
        addBatch(insert, lineItems);
      }
      insert.executeBatch();
    }
  }

  private static void addBatch(PreparedStatement insert, int row) throws SQLException {
    insert.addBatch();
    if (row % INSERT_BATCH == 0) {
      insert.executeBatch();
    }
  }

  private void keep(LineItem item) {
    if (lineItems == shipDate.length) {
      shipDate = Arrays.copyOf(shipDate, lineItems * 2);
      quantity = Arrays.copyOf(quantity, lineItems * 2);
      price = Arrays.copyOf(price, lineItems * 2);
      status = Arrays.copyOf(status, lineItems * 2);
    }
    shipDate[lineItems] = item.shipDate();
    quantity[lineItems] = Math.toIntExact(item.quantity());
    price[lineItems] = item.extendedPriceInCents();
    status[lineItems] = (char) (item.returnFlag().charAt(0) << 8 | item.status().charAt(0));
    lineItems++;
  }

  int lineItems() {
    return lineItems;
  }

  /** The day of one order, named by its position: 0 for the first to 1 for the last. */
  int orderDateAt(double share) {
    return orderDate[(int) (share * (orderDate.length - 1))];
  }

  /** By return flag and line status ("A|F"), of what was shipped up to a day. */
  Map<String, Sums> pricing(int lastShipDate) {
    Map<Character, Sums> groups = new TreeMap<>();
    for (int i = 0; i < lineItems; i++) {
      if (shipDate[i] <= lastShipDate) {
        Sums sums = groups.getOrDefault(status[i], new Sums(0, 0, 0));
        groups.put(status[i], sums.plus(quantity[i], price[i]));
      }
    }
    Map<String, Sums> named = new TreeMap<>();
    groups.forEach((key, sums) -> named.put((char) (key >> 8) + "|" + (char) (key & 0xff), sums));
    return named;
  }

  /** By priority, of what was ordered from one day to another. */
  Map<String, Sums> priorities(int firstDate, int lastDate) {
    Map<String, Sums> groups = new TreeMap<>();
    for (int i = 0; i < orderDate.length; i++) {
      if (orderDate[i] >= firstDate && orderDate[i] <= lastDate) {
        Sums sums = groups.getOrDefault(priority[i], new Sums(0, 0, 0));
        groups.put(priority[i], sums.plus(0, totalPrice[i]));
      }
    }
    return groups;
  }

  /** Takes line items. */
  interface Lines {
    void line(long number, long itemQuantity, long itemPrice);
  }

  /** Every line item, in the order of its number. */
  void eachLine(Lines lines) {
    for (int i = 0; i < lineItems; i++) {
      lines.line(i, quantity[i], price[i]);
    }
  }

  /** Of all line items. */
  Sums all() {
    Sums sums = new Sums(0, 0, 0);
    for (int i = 0; i < lineItems; i++) {
      sums = sums.plus(quantity[i], price[i]);
    }
    return sums;
  }
}
