package io.nodedb.mem.benchmarks.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run of {@code ./demo}.
 *
 * @param exit its exit code
 * @param said its last line
 * @param p99Ms each engine's p99 in milliseconds; empty if it wrote no summary
 * @param rssPeak the most the process occupied, in bytes; 0 if it wrote no summary
 * @param within whether every engine and the process stayed within their bounds all the time
 */
record Demo(int exit, String said, Map<String, Double> p99Ms, long rssPeak, boolean within) {
  private static final Pattern ENGINE =
      Pattern.compile("\"name\" : \"(\\w+)\"[^}]*?\"p99Ms\" : ([0-9.E+-]+)");
  private static final Pattern RSS = Pattern.compile("\"rssPeak\" : (\\d+)");
  private static final Pattern WITHIN =
      Pattern.compile("\"enginesWithinLimit\" : true,\\s*\"rssWithinCeiling\" : true");

  /** Runs it and waits; its output goes to a file in the directory. */
  static Demo run(Path directory, String... words) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path summary = directory.resolve("summary.json");
    Files.deleteIfExists(summary);
    Path log = directory.resolve("log");
    List<String> command = new ArrayList<>(List.of("./demo", "--out", directory.toString()));
    command.addAll(List.of(words));
    int exit =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    List<String> lines = Files.readAllLines(log);
    String last = lines.isEmpty() ? "nothing" : lines.getLast();
    return of(exit, last, Files.exists(summary) ? Files.readString(summary) : "");
  }

  private static Demo of(int exit, String said, String summary) {
    Map<String, Double> p99 = new LinkedHashMap<>();
    Matcher engines = ENGINE.matcher(summary);
    while (engines.find()) {
      p99.put(engines.group(1), Double.parseDouble(engines.group(2)));
    }
    Matcher rss = RSS.matcher(summary);
    return new Demo(
        exit,
        said,
        p99,
        rss.find() ? Long.parseLong(rss.group(1)) : 0,
        WITHIN.matcher(summary).find());
  }
}
