package io.nodedb.mem.benchmarks.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the agent costs Lucene, H2 and Automerge, as a table. In each round every workload gets new
 * child JVMs, with and without the agent, a second one without, and in every second round the rivals, all
 * alive at once: they warm up and are then measured in short turns, so that a machine that slows down
 * for a while favours none. A turn counts against the plain child's turn of the same cycle; a round counts as the
 * median of its cycles.
 */
public final class Cost {
  /**
   * Of all children; {@code --jvm} adds to them. With {@code -Xbatch} a method is compiled when its
   * counters say so and not when a compiler thread has the time: JVMs of one kind are then within 1 %
   * of each other instead of 10.
   */
  private final List<String> jvm =
      new ArrayList<>(
          List.of(
              "-Xms1g",
              "-Xmx1g",
              "-XX:+UseG1GC",
              "-Xbatch",
              "--enable-native-access=ALL-UNNAMED"));

  private static final long WARM_UP_TURN = 1_000;

  private int rounds = 5;
  private long warmUp = 20_000;
  private int cycles = 25;
  private long turn = 250;
  private List<Workloads> workloads = List.of(Workloads.values());
  private Path data;
  private final Path scratch;

  /** By operation and variant, the median of each child: nanoseconds, and the ratio to plain. */
  private final Map<String, Map<Variant, List<Double>>> times = new LinkedHashMap<>();

  private final Map<String, Map<Variant, List<Double>>> ratios = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();

  private Cost(String[] args) throws IOException {
    for (int i = 0; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--rounds" -> rounds = Integer.parseInt(args[i + 1]);
        case "--warm-up" -> warmUp = Long.parseLong(args[i + 1]);
        case "--cycles" -> cycles = Integer.parseInt(args[i + 1]);
        case "--turn" -> turn = Long.parseLong(args[i + 1]);
        case "--only" -> workloads = List.of(Workloads.valueOf(args[i + 1]));
        case "--jvm" -> jvm.add(args[i + 1]);
        case "--data" -> data = Path.of(args[i + 1]);
        default -> throw unknown(args[i]);
      }
    }
    if (args.length % 2 != 0) {
      throw unknown(args[args.length - 1]);
    }
    if (data != null && !Files.isRegularFile(data)) {
      throw new IllegalArgumentException(
          "--data " + data + ": no such file (expected: an editing history, paper.json.gz)");
    }
    scratch = Files.createTempDirectory("nodedb-mem-cost");
  }

  private static IllegalArgumentException unknown(String word) {
    return new IllegalArgumentException(
        word
            + " (expected: --rounds N, --warm-up MILLIS, --cycles N, --turn MILLIS, --only WORKLOAD,"
            + " --jvm OPTION, --data FILE)");
  }

  /**
   * Measures.
   *
   * @param args options, see README.md
   * @throws Exception if a child cannot be run
   */
  public static void main(String[] args) throws Exception {
    Cost cost = new Cost(args);
    for (int round = 0; round < cost.rounds; round++) {
      for (Workloads workload : cost.workloads) {
        cost.round(workload, round);
      }
      System.err.println("round " + (round + 1) + " of " + cost.rounds);
    }
    cost.print();
    for (Variant variant : Variant.values()) {
      Files.deleteIfExists(cost.log(variant));
    }
    Files.deleteIfExists(cost.scratch.resolve("cost.jfr"));
    Files.delete(cost.scratch);
  }

  private void round(Workloads workload, int round) throws IOException, InterruptedException {
    Map<Variant, Turns> children = new EnumMap<>(Variant.class);
    try {
      for (Variant variant : round % 2 == 0 ? Variant.values() : Variant.ALWAYS) {
        children.put(variant, new Turns(variant + " " + workload, command(variant, workload), log(variant)));
      }
      warmUp(children, workload);
      measure(children, round);
    } finally {
      children.values().forEach(Turns::close);
    }
  }

  /**
   * In turns, as they are measured: all at once, the child that is ready last has the machine for
   * itself in the end, and its code is the better compiled.
   */
  private void warmUp(Map<Variant, Turns> children, Workloads workload) throws IOException {
    for (Variant variant : List.copyOf(children.keySet())) {
      try {
        children.get(variant).await();
      } catch (IOException e) {
        if (List.of(Variant.ALWAYS).contains(variant)) {
          throw e;
        }
        failures.putIfAbsent(variant.label() + ", " + workload, e.getMessage());
        children.remove(variant).close();
      }
    }
    for (long left = warmUp; left > 0; left -= WARM_UP_TURN) {
      for (Turns child : children.values()) {
        child.go(Math.min(left, WARM_UP_TURN));
        child.await();
      }
    }
  }

  private void measure(Map<Variant, Turns> children, int round)
      throws IOException, InterruptedException {
    Map<Variant, Map<String, List<Double>>> means = new EnumMap<>(Variant.class);
    List<Variant> order = new ArrayList<>(children.keySet());
    for (int cycle = 0; cycle < cycles; cycle++) {
      // Another one first each time, and none twice in a row, as it would find its caches warm.
      Collections.rotate(order, 1);
      for (Variant variant : order) {
        children.get(variant).go(turn);
        children.get(variant).await().forEach(
            (operation, mean) ->
                means.computeIfAbsent(variant, _ -> new LinkedHashMap<>())
                    .computeIfAbsent(operation, _ -> new ArrayList<>())
                    .add(mean));
      }
    }
    for (Turns child : children.values()) {
      child.end();
    }
    Map<String, List<Double>> plain = means.get(Variant.PLAIN);
    means.forEach(
        (variant, byOperation) ->
            byOperation.forEach(
                (operation, mine) -> {
                  List<Double> ratio = new ArrayList<>();
                  for (int i = 0; i < mine.size(); i++) {
                    ratio.add(mine.get(i) / plain.get(operation).get(i));
                  }
                  list(times, operation, variant).add(quartile(mine, 2));
                  list(ratios, operation, variant).add(quartile(ratio, 2));
                  if (variant != Variant.PLAIN) {
                    System.err.printf("%s, %s: %s%n", operation, variant.label(), spread(ratio));
                  }
                }));
  }

  private static List<Double> list(
      Map<String, Map<Variant, List<Double>>> map, String operation, Variant variant) {
    return map.computeIfAbsent(operation, _ -> new EnumMap<>(Variant.class))
        .computeIfAbsent(variant, _ -> new ArrayList<>());
  }

  private Path log(Variant variant) {
    return scratch.resolve(variant + ".log");
  }

  private List<String> command(Variant variant, Workloads workload) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(variant.options(scratch));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CostChild.class.getName(), variant.name(), workload.name()));
    if (data != null) {
      command.add(data.toString());
    }
    return command;
  }

  private void print() {
    System.out.println(
        "| operation | plain, ms | plain again / plain | nodedb-mem / plain | JFR, settings=profile / plain |"
            + " java-allocation-instrumenter / plain |");
    System.out.println("|---|---|---|---|---|---|");
    times.forEach(
        (operation, byVariant) -> {
          Map<Variant, List<Double>> ratio = ratios.get(operation);
          System.out.printf(
              "| %s | %.1f | %s | %s | %s | %s |%n",
              operation,
              quartile(byVariant.get(Variant.PLAIN), 2) / 1e6,
              spread(ratio.get(Variant.CONTROL)),
              spread(ratio.get(Variant.AGENT)),
              spread(ratio.get(Variant.JFR)),
              spread(ratio.get(Variant.INSTRUMENTER)));
        });
    System.out.printf(
        "%nMedian of rounds (quartiles; number). JDK %s, %d processors, %s; warm-up %d ms, then %d"
            + " turns of %d ms a child; edits %s.%n",
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        String.join(" ", jvm),
        warmUp,
        cycles,
        turn,
        data == null ? "generated" : "recorded");
    failures.forEach((what, failure) -> System.out.println("\nDid not run: " + what + ": " + failure));
  }

  private static String spread(List<Double> values) {
    return values == null
        ? "does not run"
        : "%.3f (%.3f to %.3f; %d)"
            .formatted(
                quartile(values, 2), quartile(values, 1), quartile(values, 3), values.size());
  }

  /** Between two values where it falls there. */
  private static double quartile(List<Double> values, int which) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    double place = (sorted.length - 1) * which / 4.0;
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
