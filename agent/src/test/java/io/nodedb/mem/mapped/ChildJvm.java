package io.nodedb.mem.mapped;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program run in a JVM of its own, with this test's class path. */
public record ChildJvm(int exit, String output) {
  /** Runs one to its end, or kills it after some minutes. */
  public static ChildJvm run(File directory, Class<?> main, List<String> options, String... args)
      throws Exception {
    return run(directory, main, List.of(), options, args);
  }

  /** The same, started through another command, such as a shell that sets limits. */
  static ChildJvm run(
      File directory, Class<?> main, List<String> through, List<String> options, String... args)
      throws Exception {
    List<String> command = new ArrayList<>(through);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path")));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).directory(directory).redirectErrorStream(true).start();
    try {
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        throw new AssertionError("child JVM does not end: " + output);
      }
      return new ChildJvm(process.exitValue(), output);
    } finally {
      process.destroyForcibly();
    }
  }

  /** A figure out of the line that begins with RESULT. */
  public long figure(String key) {
    for (String line : output.lines().toList()) {
      if (line.startsWith("RESULT")) {
        for (String word : line.split(" ")) {
          if (word.startsWith(key + "=")) {
            return Long.parseLong(word.substring(key.length() + 1));
          }
        }
      }
    }
    throw new AssertionError("no " + key + " in: " + output);
  }
}
