package io.nodedb.mem.sample.serverless;

import io.nodedb.mem.sample.serverless.Serverless.Child;
import io.nodedb.mem.sample.serverless.Serverless.Role;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program in a JVM with the same options, the agent included, but no recording. */
public final class SameJvm implements Child {
  private final String main;
  private final List<String> arguments;

  /**
   * Makes one.
   *
   * @param main the main class
   * @param arguments its arguments but for the role, which comes last
   */
  public SameJvm(String main, List<String> arguments) {
    this.main = main;
    this.arguments = List.copyOf(arguments);
  }

  @Override
  public Result run(Role role) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-XX:StartFlightRecording")) {
        command.add(option);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    command.add(role.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), said.lines().toList());
  }
}
