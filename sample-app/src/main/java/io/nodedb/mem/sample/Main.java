package io.nodedb.mem.sample;

import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.sample.report.Screen;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Entry point of the sample database. */
public final class Main {
  private Main() {}

  /**
   * Runs the demo and exits with its code.
   *
   * @param args see {@code ./demo --help}
   */
  public static void main(String[] args) {
    System.exit(run(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
  }

  static int run(String[] args, PrintWriter out, PrintWriter err) {
    Options options = new Options();
    CommandLine commandLine = new CommandLine(options);
    try {
      commandLine.parseArgs(args);
    } catch (ParameterException e) {
      err.println("demo: " + e.getMessage().strip().lines().findFirst().orElse("wrong usage"));
      err.println("Try './demo --help'.");
      return 2;
    }
    if (commandLine.isUsageHelpRequested()) {
      commandLine.usage(out);
      return 0;
    }
    if (!options.ungoverned() && !MemoryGovernor.get().active()) {
      err.println("demo: no agent in this process (expected: started by ./demo, which passes"
          + " -javaagent, or with --ungoverned)");
      return 2;
    }
    try {
      return new DemoRun(options, Screen.ofProcess(out)).run();
    } catch (IOException e) {
      err.println("demo: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("demo: interrupted");
    }
    out.println("RESULT: FAIL: the run could not be finished");
    return 1;
  }
}
