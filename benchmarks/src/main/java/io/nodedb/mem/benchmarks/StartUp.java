package io.nodedb.mem.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What the agent adds to the start of an empty application: child JVMs with and without it, taking
 * turns. Prints medians and quartiles in milliseconds.
 */
public final class StartUp {
  private static final int ROUNDS = 21;

  private StartUp() {}

  /** The empty application. */
  public static final class Empty {
    private Empty() {}

    /**
     * Does nothing.
     *
     * @param args ignored
     */
    public static void main(String[] args) {}
  }

  /**
   * Measures.
   *
   * @param args how many rounds; 21 by default
   * @throws Exception if a child cannot be started or fails
   */
  public static void main(String[] args) throws Exception {
    int rounds = args.length == 0 ? ROUNDS : Integer.parseInt(args[0]);
    long[] plain = new long[rounds];
    long[] agent = new long[rounds];
    long[] added = new long[rounds];
    for (int i = -2; i < rounds; i++) {
      long without = run(List.of());
      long with = run(List.of("-javaagent:benchmarks/target/agent.jar"));
      if (i >= 0) {
        plain[i] = without;
        agent[i] = with;
        added[i] = with - without;
      }
    }
    print("without the agent", plain);
    print("with the agent", agent);
    print("added", added);
  }

  private static long run(List<String> options) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", "benchmarks/target/classes", Empty.class.getName()));
    long began = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": exit " + process.exitValue());
    }
    return System.nanoTime() - began;
  }

  private static void print(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%-20s median %4d ms   quartiles %4d to %4d ms%n",
        what,
        nanos[nanos.length / 2] / 1_000_000,
        nanos[nanos.length / 4] / 1_000_000,
        nanos[nanos.length * 3 / 4] / 1_000_000);
  }
}
