package io.nodedb.mem.sample;

import io.nodedb.mem.sample.serverless.Serverless.Role;
import io.nodedb.mem.sample.workload.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@code ./demo}, checked. */
@Command(
    name = "./demo",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Runs a small multi-engine database (vector, text, CRDT, time series, SQL, log) in one JVM "
          + "and holds each engine to a memory budget.",
      ""
    },
    footer = {
      "",
      "Exit code: 0 passed, 1 failed, 2 wrong usage, 3 died of OutOfMemoryError."
    })
final class Options {
  @Spec private CommandSpec spec;

  private int seconds = 60;
  private int warmUp;
  private int think;
  private int bulkNice;
  private Path data;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      defaultValue = "mixed",
      converter = ScenarioConverter.class,
      completionCandidates = ScenarioNames.class,
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Scenario scenario;

  @Option(
      names = "--ceiling",
      paramLabel = "SIZE",
      defaultValue = "2GiB",
      converter = SizeConverter.class,
      description =
          "what the process may occupy at most, 1GiB or more; the heap gets half of it "
              + "(default: ${DEFAULT-VALUE})")
  private long ceiling;

  @Option(names = "--ungoverned", description = "the same work at the same heap without the agent")
  private boolean ungoverned;

  @Option(
      names = "--serverless",
      description =
          "instead: a process fills an overflow region, forces a checkpoint and ends; another one "
              + "opens it read-only and answers the same questions")
  private boolean serverless;

  @Option(names = "--serverless-role", hidden = true, converter = RoleConverter.class)
  private Role role;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "demo-out",
      description = "where recording.jfr and summary.json go (default: ${DEFAULT-VALUE})")
  private Path out;

  @Option(names = "--help", usageHelp = true, description = "shows this")
  private boolean help;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "how long the clients run, 1 to 86400 (default: 60)")
  private void setSeconds(int value) {
    if (value < 1 || value > 86_400) {
      throw new ParameterException(
          spec.commandLine(), "--seconds: " + value + " (expected: 1 to 86400)");
    }
    seconds = value;
  }

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "the same in minutes, 1 to 1440: a soak")
  private void setMinutes(int value) {
    if (value < 1 || value > 1440) {
      throw new ParameterException(
          spec.commandLine(), "--minutes: " + value + " (expected: 1 to 1440)");
    }
    seconds = value * 60;
  }

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "seconds of work before that, 0 to 3600, whose latencies do not count (default: 0)")
  private void setWarmUp(int value) {
    warmUp = within("--warm-up", value, 3600);
  }

  private int within(String name, int value, int most) {
    if (value < 0 || value > most) {
      throw new ParameterException(
          spec.commandLine(), name + ": " + value + " (expected: 0 to " + most + ")");
    }
    return value;
  }

  @Option(
      names = "--think",
      paramLabel = "MS",
      description =
          "how long a client thinks after an answer, on average, 0 to 60000; a storm's never do "
              + "(default: 0, which keeps all processors busy)")
  private void setThink(int value) {
    think = within("--think", value, 60_000);
  }

  @Option(
      names = "--bulk-nice",
      paramLabel = "N",
      description =
          "nice value of the threads that send a storm's requests and work for them, 0 to 19; Linux only "
              + "(default: 0)")
  private void setBulkNice(int value) {
    bulkNice = within("--bulk-nice", value, 19);
  }

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "real data besides the built-in text: nab/*.csv, crdt/paper.json.gz, "
              + "vector/*.fvecs or vector/*-ubyte (IDX); what is not there is generated")
  private void setData(Path value) {
    if (!Files.isDirectory(value)) {
      throw new ParameterException(
          spec.commandLine(), "--data: " + value + " is not a directory (expected: one that is)");
    }
    data = value;
  }

  /** How long the clients run, the warm-up included. */
  int seconds() {
    return warmUp + seconds;
  }

  int warmUp() {
    return warmUp;
  }

  Workload.Manners manners() {
    return new Workload.Manners(think, bulkNice);
  }

  Scenario scenario() {
    return scenario;
  }

  long ceiling() {
    return ceiling;
  }

  boolean ungoverned() {
    return ungoverned;
  }

  boolean serverless() {
    return serverless;
  }

  /** Who this process is for another one that runs {@code --serverless}; null if it is nobody. */
  Role role() {
    return role;
  }

  /** The directory with real data, or null. */
  Path data() {
    return data;
  }

  Path out() {
    return out;
  }

  static final class ScenarioNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return names().iterator();
    }

    static List<String> names() {
      return Arrays.stream(Scenario.values()).map(Scenario::toString).toList();
    }
  }

  static final class ScenarioConverter implements ITypeConverter<Scenario> {
    @Override
    public Scenario convert(String value) {
      for (Scenario scenario : Scenario.values()) {
        if (scenario.toString().equals(value)) {
          return scenario;
        }
      }
      throw new picocli.CommandLine.TypeConversionException(
          "'" + value + "' (expected: one of " + String.join(", ", ScenarioNames.names()) + ")");
    }
  }

  static final class RoleConverter implements ITypeConverter<Role> {
    @Override
    public Role convert(String value) {
      return Role.valueOf(value.toUpperCase(Locale.ROOT));
    }
  }

  static final class SizeConverter implements ITypeConverter<Long> {
    private static final long LEAST = 1L << 30;

    @Override
    public Long convert(String value) {
      try {
        long size = ByteSize.parse(value);
        if (size >= LEAST) {
          return size;
        }
      } catch (IllegalArgumentException e) {
        throw new picocli.CommandLine.TypeConversionException(e.getMessage());
      }
      throw new picocli.CommandLine.TypeConversionException(
          "'" + value + "' (expected: 1GiB or more, the engines need that)");
    }
  }
}
