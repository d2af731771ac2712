package io.nodedb.mem.benchmarks.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Runs the mixed workload at full load for a long time, with the agent and without, at the same heap; then compares
 * each engine's p99 beside a storm with its p99 without one, in pairs that take turns. To be run in
 * the project's directory; prints tables.
 */
public final class Proof {
  private static final Path OUT = Path.of("benchmarks", "target", "proof");

  /** The same clients, asking for little: what a storm's memory does is the difference. */
  private static final Map<String, String> CROWDS =
      Map.of("query-storm", "query-crowd", "ingest-flood", "ingest-crowd");

  /** What each scenario attacks. */
  private static final Map<String, String> STORMS =
      new TreeMap<>(
          Map.of("query-storm", "query", "ingest-flood", "timeseries", "native-flood", "crdt"));

  /** Seconds until the JIT has compiled what is hot, whose latencies would be all of the p99. */
  private static final String WARM_UP = "20";

  private Proof() {}

  /**
   * Runs all.
   *
   * @param args {@code minutes=10} at full load, 0 for none; {@code ceiling=1536MiB} of it; {@code
   *     pairs=5} for each storm, 0 for none; {@code seconds=60} for each run of a pair, after a
   *     warm-up of 20; {@code storms=query-storm,ingest-flood,native-flood} or some of them; {@code
   *     crowd=yes} to compare with as many clients that ask for little, where there is such a run;
   *     {@code think=50} milliseconds that clients think after an answer, on average, 0 to keep all
   *     processors busy; {@code nice=10} for the threads that work for a storm
   * @throws Exception if a run cannot be started
   */
  public static void main(String[] args) throws Exception {
    Map<String, String> options =
        new LinkedHashMap<>(
            Map.of(
                "minutes", "10", "ceiling", "1536MiB", "pairs", "5", "seconds", "60",
                "storms", String.join(",", STORMS.keySet()), "crowd", "no",
                "think", "50", "nice", "10"));
    for (String each : args) {
      String[] words = each.split("=", 2);
      if (words.length != 2 || options.replace(words[0], words[1]) == null) {
        throw new IllegalArgumentException(
            each
                + " (expected: minutes=N, ceiling=SIZE, pairs=N, seconds=N, storms=NAME,NAME,"
                + " crowd=yes, think=MS or nice=N)");
      }
    }
    // All of them before anything runs: the first part alone takes twenty minutes.
    int minutes = Integer.parseInt(options.get("minutes"));
    int pairs = Integer.parseInt(options.get("pairs"));
    int seconds = Integer.parseInt(options.get("seconds"));
    List<String> names =
        Arrays.stream(options.get("storms").split(",")).map(n -> oneOf(STORMS.keySet(), n)).toList();
    List<String> manners =
        List.of(
            "--seconds", String.valueOf(seconds), "--warm-up", WARM_UP,
            "--think", String.valueOf(Integer.parseInt(options.get("think"))),
            "--bulk-nice", String.valueOf(Integer.parseInt(options.get("nice"))));
    boolean crowd = oneOf(Set.of("yes", "no"), options.get("crowd")).equals("yes");
    if (minutes > 0) {
      fullLoad(String.valueOf(minutes), options.get("ceiling"));
    }
    if (pairs > 0) {
      storms(pairs, manners, names, crowd);
    }
  }

  private static String oneOf(Set<String> expected, String word) {
    if (!expected.contains(word)) {
      throw new IllegalArgumentException(word + " (expected: one of " + expected + ")");
    }
    return word;
  }

  private static void fullLoad(String minutes, String ceiling)
      throws IOException, InterruptedException {
    System.out.println("| full-load, " + minutes + " min, " + ceiling + " | exit | bounds | RSS peak | |");
    System.out.println("|---|---|---|---|---|");
    for (String how : List.of("governed", "ungoverned")) {
      List<String> words =
          new ArrayList<>(List.of("--scenario", "full-load", "--minutes", minutes, "--ceiling", ceiling));
      if (how.equals("ungoverned")) {
        words.add("--ungoverned");
      }
      Demo run = Demo.run(OUT.resolve("full-load-" + how), words.toArray(String[]::new));
      System.out.printf(
          "| %s | %d | %s | %d MiB | %s |%n",
          how, run.exit(), run.within() ? "kept" : "not kept", run.rssPeak() >> 20, run.said());
    }
  }

  private static void storms(
      int pairs, List<String> manners, List<String> names, boolean crowd)
      throws IOException, InterruptedException {
    System.out.println();
    System.out.println("| scenario | engine | p99 alone | p99 beside it | ratio: median | least | most |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (String storm : names) {
      String alone = crowd ? CROWDS.getOrDefault(storm, "mixed") : "mixed";
      List<Demo> calm = new ArrayList<>();
      List<Demo> stormy = new ArrayList<>();
      for (int pair = 0; pair < pairs; pair++) {
        // Whatever the machine's other work is, it does not always meet the same one.
        boolean calmFirst = pair % 2 == 0;
        if (calmFirst) {
          calm.add(run(alone, manners));
        }
        stormy.add(run(storm, manners));
        if (!calmFirst) {
          calm.add(run(alone, manners));
        }
      }
      for (String engine : calm.getFirst().p99Ms().keySet()) {
        if (!engine.equals(STORMS.get(storm))) {
          row(storm, engine, calm, stormy);
        }
      }
    }
  }

  private static Demo run(String scenario, List<String> manners)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("--scenario", scenario));
    words.addAll(manners);
    Demo run = Demo.run(OUT.resolve(scenario), words.toArray(String[]::new));
    if (run.exit() != 0) {
      System.err.println(scenario + ": exit " + run.exit() + ", " + run.said());
    }
    if (run.p99Ms().isEmpty()) {
      throw new IllegalStateException(scenario + ": no summary, " + run.said());
    }
    return run;
  }

  private static void row(String scenario, String engine, List<Demo> calm, List<Demo> stormy) {
    double[] before = new double[calm.size()];
    double[] after = new double[calm.size()];
    double[] ratio = new double[calm.size()];
    for (int i = 0; i < ratio.length; i++) {
      before[i] = calm.get(i).p99Ms().get(engine);
      after[i] = stormy.get(i).p99Ms().get(engine);
      ratio[i] = after[i] / before[i];
    }
    double median = median(ratio);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %.2f ms | %.2f ms | %.2f | %.2f | %.2f |%n",
        scenario, engine, median(before), median(after), median, ratio[0],
        ratio[ratio.length - 1]);
  }

  /** Sorts them. */
  private static double median(double[] values) {
    Arrays.sort(values);
    int half = values.length / 2;
    return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
}
