package io.nodedb.mem.offheap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a main class of the tests in a JVM of its own. */
final class ChildJvm {
  record Result(int exit, List<String> output) {}

  private ChildJvm() {}

  /** The system's jemalloc, if installed. */
  static Optional<Path> systemJemalloc() {
    return Stream.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
        .map(dir -> Path.of(dir, "libjemalloc.so.2"))
        .filter(Files::exists)
        .findFirst();
  }

  /**
   * Runs it and reads all it prints.
   *
   * @param before a shell command to run first, such as a limit
   * @param preload the library to preload
   */
  static Result run(String before, Optional<Path> preload, Class<?> main)
      throws IOException, InterruptedException {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(
        List.of(
            "-Xmx64m",
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:CompressedClassSpaceSize=32m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    List<String> command = new ArrayList<>(List.of("sh", "-c", before + " exec \"$@\"", "sh"));
    command.addAll(java);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    preload.ifPresent(p -> builder.environment().put("LD_PRELOAD", p.toString()));
    Process process = builder.start();
    List<String> output = new String(process.getInputStream().readAllBytes()).lines().toList();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("child does not end: " + output);
    }
    return new Result(process.exitValue(), output);
  }
}
