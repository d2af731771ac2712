package io.nodedb.mem.benchmarks.accuracy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The table of docs/accuracy.md: collectors, with and without compact object headers, times live
 * sets, times sizes. Exit status 1 if an error is larger than it may be.
 */
public final class Accuracy {
  private static final List<String> COLLECTORS =
      List.of("UseG1GC", "UseParallelGC", "UseSerialGC", "UseZGC");
  private static final List<String> SETS =
      List.of(
          "tiny objects", "mixed objects", "large arrays", "JDK maps", "Lucene buffer", "H2 table");
  private static final long[] MIB = {64, 512, 1024};
  private static final long INTERVAL = 128 << 10;

  private Accuracy() {}

  /**
   * Runs the whole table, or one row in so many.
   *
   * @param args how many rows to pass over between two; 0 by default
   * @throws Exception if a child cannot be run
   */
  public static void main(String[] args) throws Exception {
    int every = args.length == 0 ? 1 : Integer.parseInt(args[0]) + 1;
    System.out.println(
        "| collector | headers | live set | MiB live | ledger, MiB | error | may be | dropped: left"
            + " by truth, ledger, MiB |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    int row = 0;
    int bad = 0;
    for (String collector : COLLECTORS) {
      for (String header : List.of("plain", "compact")) {
        for (String set : SETS) {
          for (long mib : MIB) {
            if (row++ % every == 0 && !row(collector, header, set, mib)) {
              bad++;
            }
          }
        }
      }
    }
    System.out.println();
    System.out.println(bad == 0 ? "all within bounds" : bad + " out of bounds");
    System.exit(bad == 0 ? 0 : 1);
  }

  private static boolean row(String collector, String header, String set, long mib)
      throws IOException, InterruptedException {
    long[] r = child(collector, header, set, mib);
    double truth = r[0];
    double may = 3 * Math.sqrt(INTERVAL / truth);
    if (truth >= 512 << 20) {
      may = Math.min(may, 0.05);
    }
    double error = (r[1] - truth) / truth;
    boolean good = Math.abs(error) <= may && Math.abs(r[3] - r[2]) <= may * truth;
    System.out.printf(
        "| %s | %s | %s | %.1f | %.1f | %+.2f %% | %.2f %% | %.1f, %.1f |%s%n",
        collector.substring(3),
        header,
        set,
        truth / (1 << 20),
        r[1] / 1048576.0,
        100 * error,
        100 * may,
        r[2] / 1048576.0,
        r[3] / 1048576.0,
        good ? "" : " out of bounds");
    return good;
  }

  private static long[] child(String collector, String header, String set, long mib)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + (mib * 3 + 512) + "m");
    command.add("-XX:+" + collector);
    command.add(
        "-XX:" + (header.equals("compact") ? "+" : "-") + "UseCompactObjectHeaders");
    command.add(
        "-javaagent:benchmarks/target/agent.jar=ceiling=16GiB,heap-ceiling=100%,engines.query.limit=8GiB,"
            + "heap.sampling-interval=" + INTERVAL);
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), AccuracyChild.class.getName(), set, "" + mib));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String last = "";
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        last = line;
      }
    }
    if (process.waitFor() != 0 || !last.startsWith("RESULT ")) {
      throw new IllegalStateException(String.join(" ", command) + ": " + last);
    }
    String[] words = last.split(" ");
    long[] result = new long[words.length - 1];
    for (int i = 0; i < result.length; i++) {
      result[i] = Long.parseLong(words[i + 1]);
    }
    return result;
  }
}
