package io.nodedb.mem.sample.query;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.engine.Causes;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Answers SQL over TPC-H in memory, each thread on a connection of its own, and compares every
 * answer with a plain computation. When a query is refused, the same connection has to answer a
 * smaller one next.
 */
public final class QueryEngine implements Engine {
  private static final String URL = "jdbc:h2:mem:demo;DB_CLOSE_DELAY=-1";
  private static final double SCALE = 0.02;
  private static final int HUGE_ONE_IN = 32;

  /** Among the requests of a full load those that no budget would hold. */
  private static final int HUGEST_ONE_IN = 128;

  private static final int STATEMENT_WAS_CANCELED = 57014;
  private static final int RETRIES = 200;
  private static final long RETRY_NANOS = 50_000_000;

  private final ThreadLocal<Connection> connection = new ThreadLocal<>();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Set<Statement> running = ConcurrentHashMap.newKeySet();
  private final LongAdder answered = new LongAdder();
  private final LongAdder recovered = new LongAdder();
  private final Path spilled;
  private final boolean full;
  private volatile boolean cancelled;
  private Queries queries;

  /**
   * Makes one without data.
   *
   * @param spilled a directory for what its own grouping spills
   * @param full whether some requests group millions of rows by unique keys
   */
  public QueryEngine(Path spilled, boolean full) {
    this.spilled = spilled;
    this.full = full;
  }

  @Override
  public String name() {
    return Engines.QUERY;
  }

  @Override
  @EngineBudget(Engines.QUERY)
  public void load() throws SQLException {
    queries = new Queries(new TpchRows(connection(), SCALE), spilled, () -> cancelled);
  }

  /** The kind of query, then its parameters. */
  @Override
  public byte[] request(SplittableRandom random) {
    if (full && random.nextInt(HUGEST_ONE_IN) == 0) {
      return random.nextBoolean() ? hugeRequest()
          : encode(Queries.Kind.UNIQUE_KEYS_MANY_TIMES_OWN, 0, 0);
    }
    int choice = random.nextInt(HUGE_ONE_IN);
    Queries.Kind kind = choice == 0 ? Queries.Kind.UNIQUE_KEYS
        : choice == 1 ? Queries.Kind.UNIQUE_KEYS_OWN
        : choice % 2 == 0 ? Queries.Kind.PRICING : Queries.Kind.PRIORITIES;
    return encode(kind, random.nextDouble(), random.nextDouble());
  }

  /**
   * A query that groups several million rows by unique keys.
   *
   * @return the request
   */
  public byte[] hugeRequest() {
    return encode(Queries.Kind.UNIQUE_KEYS_MANY_TIMES, 0, 0);
  }

  private static byte[] encode(Queries.Kind kind, double from, double to) {
    return ByteBuffer.allocate(1 + 2 * Double.BYTES)
        .put((byte) kind.ordinal()).putDouble(from).putDouble(to).array();
  }

  /** The scope is opened further in: checking an answer is not the engine's work. */
  @Override
  public void execute(byte[] request) throws SQLException, WrongAnswerException {
    ByteBuffer in = ByteBuffer.wrap(request);
    try {
      run(Queries.Kind.values()[in.get()], in.getDouble(), in.getDouble());
    } catch (BudgetExceededException | SQLException e) {
      if (cancelled && e instanceof SQLException sql && sql.getErrorCode()
          == STATEMENT_WAS_CANCELED) {
        throw new CancellationException(e.getMessage());
      }
      if (Causes.has(e, BudgetExceededException.class)) {
        checkUsable();
      }
      throw e;
    }
  }

  private void run(Queries.Kind kind, double from, double to)
      throws SQLException, WrongAnswerException {
    try (Statement statement = connection().createStatement()) {
      running.add(statement);
      try {
        if (cancelled) {
          throw new CancellationException("the run is over");
        }
        queries.run(kind, from, to, statement);
        answered.increment();
      } finally {
        running.remove(statement);
      }
    }
  }

  /**
   * After a refusal the connection answers a smaller query; while others hold the whole budget that
   * one may be refused too, so it is tried again for a while.
   */
  private void checkUsable() throws SQLException, WrongAnswerException {
    for (int retry = 0; !cancelled; retry++) {
      try {
        run(Queries.Kind.PRIORITIES, 0.2, 0.6);
        recovered.increment();
        return;
      } catch (BudgetExceededException | SQLException e) {
        if (cancelled) {
          return;
        }
        if (Causes.has(e, OutOfMemoryError.class)) {
          throw e;
        }
        if (retry == RETRIES || !Causes.has(e, BudgetExceededException.class)) {
          throw unusable(e);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private static WrongAnswerException unusable(Exception cause) {
    WrongAnswerException thrown =
        new WrongAnswerException("query: the connection answers nothing after a refusal: " + cause);
    thrown.initCause(cause);
    return thrown;
  }

  @EngineBudget(Engines.QUERY)
  private Connection connection() throws SQLException {
    Connection mine = connection.get();
    if (mine == null) {
      mine = DriverManager.getConnection(URL, "sa", "");
      connections.add(mine);
      connection.set(mine);
    }
    return mine;
  }

  @Override
  public void cancel() {
    cancelled = true;
    for (Statement statement : running) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        continue; // it has just ended
      }
    }
  }

  @Override
  public String verify() throws SQLException, WrongAnswerException {
    cancelled = false;
    closeConnections();
    for (Queries.Kind kind : Queries.Kind.values()) {
      if (!kind.hugest()) {
        run(kind, 0.1, 0.9);
      }
    }
    return answered.sum() + " answers equal to a plain computation, " + recovered.sum()
        + " of them next after a refusal on the same connection";
  }

  /**
   * With them goes what H2's sessions keep: their statements, and with these the results of the last
   * eight queries, up to hundreds of MiB that would be missing for the next.
   */
  private void closeConnections() throws SQLException {
    for (Connection each : connections) {
      each.close();
    }
    connections.clear();
    connection.remove();
  }

  @Override
  public void close() throws IOException {
    try {
      closeConnections();
      if (queries != null) {
        try (Connection last = DriverManager.getConnection(URL, "sa", "");
            Statement statement = last.createStatement()) {
          statement.execute("SHUTDOWN IMMEDIATELY");
        }
      }
    } catch (SQLException e) {
      throw new IOException("query: " + e.getMessage(), e);
    }
  }
}
