package io.nodedb.mem.sample;

import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.sample.report.Screen;
import io.nodedb.mem.sample.serverless.SameJvm;
import io.nodedb.mem.sample.serverless.Serverless;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    if (options.serverless() && options.ungoverned()) {
      err.println("demo: --serverless needs the agent (expected: without --ungoverned)");
      return 2;
    }
    if (!options.ungoverned() && !MemoryGovernor.get().active()) {
      err.println("demo: no agent in this process (expected: started by ./demo, which passes"
          + " -javaagent, or with --ungoverned)");
      return 2;
    }
    try {
      if (options.role() != null) {
        new Serverless(region(options), out).play(options.role());
        return 0;
      }
      if (options.serverless()) {
        return serverless(options, out);
      }
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

  private static int serverless(Options options, PrintWriter out)
      throws IOException, InterruptedException {
    Files.createDirectories(options.out());
    try (WorkDirectory work = new WorkDirectory(options.out().resolve("serverless"))) {
      work.make("region");
      return new Serverless(region(options), out)
          .run(new SameJvm(Main.class.getName(),
              List.of("--out", options.out().toString(), "--serverless-role")));
    }
  }

  private static Path region(Options options) {
    return options.out().resolve("serverless").resolve("region");
  }
}
