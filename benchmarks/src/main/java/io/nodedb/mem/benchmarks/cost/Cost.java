package io.nodedb.mem.benchmarks.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table of docs/cost.md: child JVMs with and without the agent, taking turns, each against the
 * plain child of its own round; in every second round the rivals too. Which of a pair comes first
 * changes from round to round, so that a machine that slows down favours neither.
 */
public final class Cost {
  private static final List<String> JVM =
      List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "--enable-native-access=ALL-UNNAMED");

  private int rounds = 7;
  private long warmUp = 2_500;
  private long measured = 2_000;
  private Path data;
  private final Path scratch;

  /** By operation and variant, one median a child: nanoseconds, and the ratio to plain. */
  private final Map<String, Map<Variant, List<Double>>> times = new LinkedHashMap<>();

  private final Map<String, Map<Variant, List<Double>>> ratios = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();

  private Cost(String[] args) throws IOException {
    for (int i = 0; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--rounds" -> rounds = Integer.parseInt(args[i + 1]);
        case "--warm-up" -> warmUp = Long.parseLong(args[i + 1]);
        case "--measure" -> measured = Long.parseLong(args[i + 1]);
        case "--data" -> data = Path.of(args[i + 1]);
        default -> throw unknown(args[i]);
      }
    }
    if (args.length % 2 != 0) {
      throw unknown(args[args.length - 1]);
    }
    scratch = Files.createTempDirectory("nodedb-mem-cost");
  }

  private static IllegalArgumentException unknown(String word) {
    return new IllegalArgumentException(
        word + " (expected: --rounds N, --warm-up MILLIS, --measure MILLIS, --data FILE)");
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
      for (Workloads workload : Workloads.values()) {
        cost.round(workload, round);
      }
      System.err.println("round " + (round + 1) + " of " + cost.rounds);
    }
    cost.print();
    Files.deleteIfExists(cost.scratch.resolve("cost.jfr"));
    Files.delete(cost.scratch);
  }

  private void round(Workloads workload, int round) throws IOException, InterruptedException {
    List<Variant> turns = new ArrayList<>(List.of(Variant.PLAIN, Variant.AGENT));
    if (round % 2 == 1) {
      turns = turns.reversed();
    } else {
      turns.add(Variant.JFR);
      turns.add(Variant.INSTRUMENTER);
    }
    Map<Variant, Map<String, Double>> medians = new EnumMap<>(Variant.class);
    for (Variant variant : turns) {
      medians.put(variant, child(variant, workload));
    }
    Map<String, Double> plain = medians.get(Variant.PLAIN);
    medians.forEach(
        (variant, byOperation) ->
            byOperation.forEach(
                (operation, time) -> {
                  list(times, operation, variant).add(time);
                  list(ratios, operation, variant).add(time / plain.get(operation));
                }));
  }

  private static List<Double> list(
      Map<String, Map<Variant, List<Double>>> map, String operation, Variant variant) {
    return map.computeIfAbsent(operation, _ -> new EnumMap<>(Variant.class))
        .computeIfAbsent(variant, _ -> new ArrayList<>());
  }

  /** Median times by operation; none if a rival fails, which is kept to be shown. */
  private Map<String, Double> child(Variant variant, Workloads workload)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(variant.options(scratch));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CostChild.class.getName(), variant.name(), workload.name()));
    command.addAll(List.of("" + warmUp, "" + measured));
    if (data != null) {
      command.add(data.toString());
    }
    Path log = scratch.resolve("child.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int exit = process.waitFor();
    List<String> lines = Files.readAllLines(log);
    Files.delete(log);
    Map<String, Double> medians = new LinkedHashMap<>();
    for (String line : lines) {
      if (line.startsWith("RESULT ")) {
        String[] words = line.split(" ", 3);
        medians.put(words[2], Double.parseDouble(words[1]));
      }
    }
    if (exit != 0 || medians.isEmpty()) {
      String failure =
          "exit " + exit + ": "
              + String.join(" / ", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
      if (variant == Variant.PLAIN || variant == Variant.AGENT) {
        throw new IllegalStateException(String.join(" ", command) + ": " + failure);
      }
      failures.putIfAbsent(variant.label() + ", " + workload, failure);
      return Map.of();
    }
    return medians;
  }

  private void print() {
    System.out.println(
        "| operation | plain, ms | nodedb-mem / plain | JFR, settings=profile / plain |"
            + " java-allocation-instrumenter / plain |");
    System.out.println("|---|---|---|---|---|");
    times.forEach(
        (operation, byVariant) -> {
          Map<Variant, List<Double>> ratio = ratios.get(operation);
          System.out.printf(
              "| %s | %.1f | %s | %s | %s |%n",
              operation,
              quartile(byVariant.get(Variant.PLAIN), 2) / 1e6,
              spread(ratio.get(Variant.AGENT)),
              spread(ratio.get(Variant.JFR)),
              spread(ratio.get(Variant.INSTRUMENTER)));
        });
    System.out.printf(
        "%nMedian (quartiles; number of pairs). JDK %s, %d processors, %s; warm-up %d ms, measured"
            + " %d ms a child; edits %s.%n",
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        String.join(" ", JVM),
        warmUp,
        measured,
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
