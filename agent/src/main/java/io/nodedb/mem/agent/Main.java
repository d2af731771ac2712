package io.nodedb.mem.agent;

import io.nodedb.mem.report.CommandLineTool;

/** {@code java -jar nodedb-mem-agent.jar ...}: hands over to the command line. */
public final class Main {
  private Main() {}

  /**
   * Runs a command and exits with its code.
   *
   * @param args the command and its arguments; none prints the help
   */
  public static void main(String[] args) {
    System.exit(CommandLineTool.run(System.out, System.err, args));
  }
}
