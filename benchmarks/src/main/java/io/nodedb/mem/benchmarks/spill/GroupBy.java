package io.nodedb.mem.benchmarks.spill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A GROUP BY over distinct keys with all the memory it wants, then with a tenth, beside H2 and DuckDB.
 * Each runs in a JVM of its own, which checks every group of its answer.
 */
public final class GroupBy {
  private static final long MIB = 1 << 20;

  /** How a child ended. */
  private record Result(boolean right, double seconds, long rssMib, long peak, String said) {}

  private GroupBy() {}

  /**
   * Measures.
   *
   * @param args how many keys; 20 million by default
   * @throws Exception if a child cannot be started
   */
  public static void main(String[] args) throws Exception {
    String keys = args.length == 0 ? "20000000" : args[0];
    System.out.println("| what | budget | time | engine's peak | process's peak RSS |");
    System.out.println("|---|---|---|---|---|");
    Result all = nodedb(keys, 4096 * MIB, "memory");
    row("nodedb-mem, nothing spilled", "4096 MiB", all);
    long tenth = all.peak() / 10;
    row("nodedb-mem, spilling to a file", mib(tenth), nodedb(keys, tenth, "file"));
    row("nodedb-mem, spilling to an overflow region", mib(tenth), nodedb(keys, tenth, "region"));
    row("H2", "-Xmx8g", child(List.of("-Xmx8g"), "h2", keys));
    row("DuckDB", "no limit", child(List.of("-Xmx64m"), "duckdb", keys, ""));
    row("DuckDB", mib(tenth), child(List.of("-Xmx64m"), "duckdb", keys, tenth + "B"));
  }

  private static String mib(long bytes) {
    return bytes / MIB + " MiB";
  }

  private static Result nodedb(String keys, long budget, String where)
      throws IOException, InterruptedException {
    String agent =
        "-javaagent:benchmarks/target/agent.jar=ceiling=8GiB,rebalance.enabled=false,"
            + "mmap.window-size=1MiB,engines.query.limit=" + budget + "B";
    return child(List.of("-Xmx64m", agent), where, keys);
  }

  private static Result child(List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(GroupByChild.class.getName());
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile("group-by", ".out");
    try {
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
      int exit = process.waitFor();
      List<String> lines = Files.readAllLines(out);
      if (exit == 0) {
        return new Result(
            true,
            Double.parseDouble(value(lines, "seconds").orElseThrow()),
            Long.parseLong(value(lines, "rss").orElseThrow()) / MIB,
            Long.parseLong(value(lines, "peak").orElse("0")),
            "");
      }
      String why =
          lines.stream().filter(l -> l.contains("Error") || l.contains("Exception")).findFirst()
              .orElse("exit " + exit);
      return new Result(false, 0, 0, 0, why);
    } finally {
      Files.delete(out);
    }
  }

  private static Optional<String> value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .findFirst();
  }

  private static void row(String what, String budget, Result result) {
    if (result.right()) {
      System.out.printf(
          "| %s | %s | %.1f s | %s | %d MiB |%n",
          what,
          budget,
          result.seconds(),
          result.peak() == 0 ? "" : mib(result.peak()),
          result.rssMib());
    } else {
      System.out.printf("| %s | %s | no answer: %s | | |%n", what, budget, result.said());
    }
  }
}
