package io.nodedb.mem.benchmarks.cost;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One {@link CostChild} that runs when it is told to. */
final class Turns implements AutoCloseable {
  /** What a child's parent waits for. */
  private static final String READY = "READY";

  private final Process process;
  private final BufferedReader answers;
  private final Path errors;
  private final String name;

  /**
   * Starts one; it prepares its work at once.
   *
   * @param name what to call it where it fails
   * @param command its command line
   * @param errors a file for what it complains about
   * @throws IOException if it cannot be started
   */
  Turns(String name, List<String> command, Path errors) throws IOException {
    this.name = name;
    this.errors = errors;
    process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    answers = process.inputReader();
  }

  /**
   * Waits until it is done with what it was told.
   *
   * @return the mean time of each operation in nanoseconds, by name; none before its first turn
   * @throws IOException if it ended, with what it said last
   */
  Map<String, Double> await() throws IOException {
    Map<String, Double> means = new LinkedHashMap<>();
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.equals(READY)) {
        return means;
      }
      if (line.startsWith("RESULT ")) {
        String[] words = line.split(" ", 3);
        means.put(words[2], Double.parseDouble(words[1]));
      }
    }
    throw failed();
  }

  /**
   * Has it run.
   *
   * @param millis how long
   * @throws IOException if it ended
   */
  void go(long millis) throws IOException {
    process.outputWriter().write(millis + "\n");
    process.outputWriter().flush();
  }

  /**
   * Ends it, after which it looks whether its variant did anything.
   *
   * @throws IOException if it did not, with what it said
   */
  void end() throws IOException, InterruptedException {
    process.outputWriter().close();
    if (process.waitFor() != 0) {
      throw failed();
    }
  }

  private IOException failed() throws IOException {
    process.destroyForcibly();
    List<String> lines = new ArrayList<>(Files.readAllLines(errors));
    return new IOException(
        name + ": ended: "
            + String.join(" / ", lines.subList(Math.max(0, lines.size() - 8), lines.size())));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
