package io.nodedb.mem.report;

import io.nodedb.mem.mapped.AccountSource;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.MappingSettings;
import io.nodedb.mem.overflow.Compactor;
import io.nodedb.mem.overflow.DamageException;
import io.nodedb.mem.overflow.RegionContext;
import io.nodedb.mem.overflow.RegionReport;
import io.nodedb.mem.overflow.RegionTool;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code overflow inspect|verify|compact DIR}. */
@Command(
    name = "overflow",
    description = "Looks at, checks or compacts an overflow region.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done, nothing is wrong", "1:damage was found", "2:wrong usage", "3:it could not be done"
    })
final class OverflowCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static PrintWriter out(CommandSpec spec) {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "inspect",
      mixinStandardHelpOptions = true,
      description = "Shows what is in a region: checkpoints, logs, live slots of each engine.")
  int inspect(
      @Parameters(paramLabel = "DIR", description = "The region's directory.") Path directory,
      @Option(names = "--json", description = "Print JSON.") boolean json) {
    RegionReport report = RegionTool.inspect(directory);
    out(spec).println(json ? Json.of(report) : text(report));
    return CommandLineTool.OK;
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = "Checks every structure and payload; lists all damage by file and offset.")
  int verify(
      @Parameters(paramLabel = "DIR", description = "The region's directory.") Path directory,
      @Option(names = "--json", description = "Print JSON.") boolean json) {
    List<DamageException> damage = RegionTool.verify(directory);
    if (json) {
      out(spec)
          .println(
              Json.of(
                  new Verdict(
                      directory.toString(),
                      damage.isEmpty(),
                      damage.stream()
                          .map(d -> new Finding(d.file(), d.offset(), d.getMessage()))
                          .toList())));
    } else {
      damage.forEach(d -> out(spec).println(d.getMessage()));
      out(spec).println(damage.isEmpty() ? "no damage" : damage.size() + " damaged places");
    }
    return damage.isEmpty() ? CommandLineTool.OK : CommandLineTool.DAMAGED;
  }

  @Command(
      name = "compact",
      mixinStandardHelpOptions = true,
      description = "Rewrites the payloads without gaps; slots keep their numbers. No writer may"
          + " have the region.")
  int compact(
      @Parameters(paramLabel = "DIR", description = "The region's directory.") Path directory,
      @Option(names = "--json", description = "Print JSON.") boolean json) {
    RegionTool.inspect(directory); // refuses where there is none, rather than making one
    try (MappingManager mappings =
        new MappingManager(MappingSettings.DEFAULTS, AccountSource.NONE, System::nanoTime)) {
      Compactor.Result result =
          Compactor.compact(directory, RegionContext.of(mappings, "overflow"));
      out(spec)
          .println(
              json
                  ? Json.of(result)
                  : result.slots() + " slots, " + result.before() + " -> " + result.after()
                      + " bytes");
    }
    return CommandLineTool.OK;
  }

  /** What verify found. */
  private record Verdict(String directory, boolean good, List<Finding> damage) {}

  /** One damaged place. */
  private record Finding(String file, long offset, String message) {}

  private static String text(RegionReport report) {
    StringBuilder text = new StringBuilder();
    line(text, "region", report.region() + " in " + report.directory());
    line(text, "created", Instant.ofEpochMilli(report.created()).toString());
    line(
        text, "data",
        report.dataFile() + ", " + report.dataBytes() + " bytes, used up to " + report.dataEnd());
    line(
        text, "live",
        report.liveSlots() + " slots, " + report.liveBytes() + " bytes (latest checkpoint)");
    report
        .engines()
        .forEach(
            (name, engine) ->
                line(text, "  " + name, engine.slots() + " slots, " + engine.bytes() + " bytes"));
    for (RegionReport.Checkpoint c : report.checkpoints()) {
      line(
          text, "checkpoint",
          c.sequence() + ", " + Instant.ofEpochMilli(c.created()) + ", " + c.liveSlots() + " of "
              + c.slots() + " slots live, " + c.liveBytes() + " bytes");
    }
    for (RegionReport.Log log : report.logs()) {
      line(
          text, "log",
          log.number() + ", " + log.records() + " records, " + log.durable() + " known as forced");
    }
    return text.substring(0, text.length() - 1);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format("%-12s %s%n", name, value));
  }
}
