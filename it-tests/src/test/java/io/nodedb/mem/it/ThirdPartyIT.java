package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.MemoryGovernor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that knows nothing of budgets, held to one by rules alone. */
class ThirdPartyIT {
  private static final String RULES =
      """
      ceiling = 200MiB
      heap-ceiling = 85%
      engines.query.limit = 24MiB
      heap.min-gc-interval = 100ms
      rules = [
        { classes = "org.h2.jdbc.JdbcStatement", methods = "execute*", engine = query }
        { classes = "org.h2.**" }
      ]
      """;

  @TempDir Path directory;

  /** Groups by millions of keys, then by a few, on one connection. */
  static final class Grouping {
    private Grouping() {}

    public static void main(String[] args) throws SQLException {
      try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
          Statement statement = connection.createStatement()) {
        System.out.println("before=" + groups(statement, 100));
        for (int round = 0; round < 2; round++) {
          try {
            System.out.println("huge" + round + "=" + groups(statement, 5_000_000));
          } catch (SQLException | BudgetExceededException e) {
            print(round, refusal(e));
          }
          System.out.println("small" + round + "=" + groups(statement, 1000));
        }
        if (MemoryGovernor.get().active()) {
          System.out.println(
              "rejections=" + MemoryGovernor.get().snapshot("query").rejections());
        }
      }
    }

    /** The library may wrap it; anything else ends the program. */
    private static BudgetExceededException refusal(Exception thrown) throws SQLException {
      for (Throwable t = thrown; t != null; t = t.getCause()) {
        if (t instanceof BudgetExceededException refusal) {
          return refusal;
        }
      }
      throw thrown instanceof SQLException e ? e : new SQLException(thrown);
    }

    private static void print(int round, BudgetExceededException refusal) {
      System.out.println("huge" + round + "=refused");
      System.out.println("cause" + round + "=" + refusal.engine() + " " + refusal.bound());
      boolean inside =
          Arrays.stream(refusal.getStackTrace())
              .anyMatch(f -> f.getClassName().startsWith("org.h2.command."));
      System.out.println("inside" + round + "=" + inside);
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

  private ChildJvm grouping() {
    return ChildJvm.running(Grouping.class).jvm("-Xmx64m", "-XX:+UseSerialGC");
  }

  @Test
  void hugeGroupingIsRefusedInsideAndTheConnectionGoesOn() throws IOException {
    Path file = Files.writeString(directory.resolve("rules.conf"), RULES);
    ChildJvm.Result result = grouping().agent("config=" + file).run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);
    assertThat(result.value("before")).isEqualTo("100");
    for (int round = 0; round < 2; round++) {
      assertThat(result.value("huge" + round)).as(result.all()).isEqualTo("refused");
      assertThat(result.value("cause" + round)).as(result.all()).isEqualTo("query ENGINE");
      assertThat(result.value("inside" + round)).as(result.all()).isEqualTo("true");
      assertThat(result.value("small" + round)).as(result.all()).isEqualTo("1000");
    }
    assertThat(Long.parseLong(result.value("rejections"))).isPositive();
  }

  @Test
  void withoutTheAgentTheSameDiesOfOutOfMemory() {
    ChildJvm.Result result = grouping().run();
    assertThat(result.all()).contains("OutOfMemoryError").doesNotContain("huge0=");
    assertThat(result.exit()).as(result.all()).isNotZero();
  }
}
