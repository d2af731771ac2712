package io.nodedb.mem.report;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of the agent's jar. Stateless. */
public final class CommandLineTool {
  /** Exit code: done, nothing is wrong. */
  public static final int OK = 0;

  /** Exit code: damage was found. */
  public static final int DAMAGED = 1;

  /** Exit code: the command line is wrong. */
  public static final int USAGE = 2;

  /** Exit code: it could not be done. */
  public static final int FAILED = 3;

  private CommandLineTool() {}

  /** The top of the tree; says what there is. */
  @Command(
      name = "nodedb-mem",
      description = "Tools for the files of nodedb-mem.",
      mixinStandardHelpOptions = true,
      subcommands = OverflowCommand.class)
  static final class Top implements Runnable {
    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }

  /**
   * Runs a command.
   *
   * @param out where its answer goes
   * @param err where one line goes if it fails
   * @param args the command and its arguments
   * @return the exit code: 0 done, 1 damage found, 2 wrong usage, 3 failed
   */
  public static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine line = new CommandLine(new Top());
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          String message = e.getMessage() == null ? e.toString() : e.getMessage();
          command.getErr().println(message);
          return e instanceof io.nodedb.mem.overflow.DamageException ? DAMAGED : FAILED;
        });
    return line.execute(args);
  }
}
