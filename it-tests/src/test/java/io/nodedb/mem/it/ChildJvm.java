package io.nodedb.mem.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Starts a JVM with the agent's jar as users do, and tells what came of it. */
final class ChildJvm {
  /** How a child ended. */
  record Result(int exit, List<String> out, List<String> err) {
    String all() {
      return "exit " + exit + "\n--- out\n" + String.join("\n", out) + "\n--- err\n"
          + String.join("\n", err);
    }

    /** Whether the agent samples the heap; where it only estimates, amounts are much less certain. */
    boolean sampled() {
      return err.stream().anyMatch(line -> line.contains("heap accounting sampled"));
    }

    /** What a line {@code key=value} of the output says. */
    String value(String key) {
      return out.stream()
          .filter(line -> line.startsWith(key + "="))
          .map(line -> line.substring(key.length() + 1))
          .reduce((first, last) -> last)
          .orElseThrow(() -> new AssertionError("no line " + key + "=... in\n" + all()));
    }
  }

  static final Path ROOT = Path.of(System.getProperty("nodedb.mem.root", "..")).normalize();
  private static final long MINUTES = 5;

  private final List<String> jvm = new ArrayList<>();
  private final Map<String, String> environment = new TreeMap<>();
  private String agentArguments;
  private Path group;
  private String classPath = System.getProperty("java.class.path");
  private Path directory = Path.of(System.getProperty("java.io.tmpdir"));
  private List<String> main = List.of();

  private ChildJvm(List<String> main) {
    this.main = main;
  }

  /** A child that runs a class of the tests. */
  static ChildJvm running(Class<?> main, String... arguments) {
    List<String> words = new ArrayList<>(List.of(main.getName()));
    words.addAll(List.of(arguments));
    return new ChildJvm(words);
  }

  /** A child whose last words are given, such as {@code -m module/class}. */
  static ChildJvm with(String... words) {
    return new ChildJvm(List.of(words));
  }

  static Path agentJar() {
    return AgentJar.file();
  }

  static Path annotationsJar() {
    return ROOT.resolve(
        "annotations/target/nodedb-mem-annotations-"
            + System.getProperty("nodedb.mem.version")
            + ".jar");
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Starts the agent with the JVM. */
  ChildJvm agent(String arguments) {
    agentArguments = arguments;
    return this;
  }

  /** Starts it in a control group, whose file of processes is given. */
  ChildJvm inGroup(Path processes) {
    group = processes;
    return this;
  }

  ChildJvm jvm(String... options) {
    jvm.addAll(List.of(options));
    return this;
  }

  ChildJvm environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  ChildJvm classPath(String path) {
    classPath = path;
    return this;
  }

  ChildJvm in(Path newDirectory) {
    directory = newDirectory;
    return this;
  }

  Process start(ProcessBuilder.Redirect out, ProcessBuilder.Redirect err) {
    List<String> command = new ArrayList<>();
    if (group != null) {
      command.addAll(List.of("sh", "-c", "echo $$ > " + group + " && exec \"$0\" \"$@\""));
    }
    command.addAll(List.of(java(), "-Xmx256m"));
    command.addAll(jvm);
    if (agentArguments != null) {
      command.add(
          "-javaagent:" + agentJar() + (agentArguments.isEmpty() ? "" : "=" + agentArguments));
    }
    if (!classPath.isEmpty()) {
      command.addAll(List.of("-cp", classPath));
    }
    command.addAll(main);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out)
            .redirectError(err);
    builder.environment().keySet().removeIf(k -> k.startsWith("NODEDB_MEM_") || k.startsWith("XTREE_"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Result run() {
    try {
      Path out = Files.createTempFile("child", ".out");
      Path err = Files.createTempFile("child", ".err");
      try {
        Process process =
            start(
                ProcessBuilder.Redirect.to(out.toFile()), ProcessBuilder.Redirect.to(err.toFile()));
        boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
        if (!ended) {
          process.destroyForcibly().waitFor();
        }
        Result result =
            new Result(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
        if (!ended) {
          throw new AssertionError("child did not end\n" + result.all());
        }
        return result;
      } finally {
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
