package io.nodedb.mem.sample;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.Meter;
import io.nodedb.mem.sample.report.EngineFigures;
import io.nodedb.mem.sample.report.Fatal;
import io.nodedb.mem.sample.report.Sampler;
import io.nodedb.mem.sample.report.Screen;
import io.nodedb.mem.sample.report.SummaryFile;
import io.nodedb.mem.sample.report.SummaryFile.Summary;
import io.nodedb.mem.sample.workload.Failures;
import io.nodedb.mem.sample.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jdk.jfr.FlightRecorder;

/** One run from loading to the last word. Used once, by one thread. */
final class DemoRun {
  private static final long REDRAW_MILLIS = 500;

  private final Options options;
  private final Screen screen;
  private final Failures failures = new Failures();

  DemoRun(Options options, Screen screen) {
    this.options = options;
    this.screen = screen;
  }

  /** Runs; returns the exit code. */
  int run() throws IOException, InterruptedException {
    Fatal.prepare(Database.NAMES);
    Files.createDirectories(options.out());
    screen.line(String.format(Locale.ROOT, "nodedb-mem demo: %s, %d s, %s, ceiling %s, heap %s",
        options.scenario(), options.seconds(), options.ungoverned() ? "UNGOVERNED" : "governed",
        ByteSize.format(options.ceiling()), ByteSize.format(Runtime.getRuntime().maxMemory())));
    try (Sampler sampler = Sampler.start(options.ceiling());
        WorkDirectory work = new WorkDirectory(options.out().resolve("work"));
        Database database = new Database(options.scenario(), options.data(), work)) {
      if (load(database)) {
        serve(database, sampler);
        verify(database);
      }
      return finish(database, sampler);
    }
  }

  /** Loads two engines at a time. */
  private boolean load(Database database) {
    try (ExecutorService loaders = Executors.newFixedThreadPool(2)) {
      for (Engine engine : database.engines()) {
        loaders.execute(() -> load(engine));
      }
    }
    return failures.first() == null;
  }

  private void load(Engine engine) {
    long start = System.nanoTime();
    if (failures.first() == null && attempt(engine, "loading", engine::load)) {
      String line = String.format(Locale.ROOT, "loaded   %-11s in %.1f s", engine.name(),
          (System.nanoTime() - start) / 1e9);
      synchronized (screen) {
        screen.line(line);
      }
    }
  }

  private void serve(Database database, Sampler sampler) throws InterruptedException {
    Workload workload =
        new Workload(database.engines(), database.meters(), failures, options.manners());
    workload.start(
        options.scenario(),
        random ->
            options.scenario() == Scenario.NATIVE_FLOOD
                ? database.crdt().floodRequest(random)
                : database.query().hugeRequest());
    long start = System.nanoTime();
    boolean warm = options.warmUp() == 0;
    int second;
    do {
      failures.await(REDRAW_MILLIS);
      second = (int) ((System.nanoTime() - start) / 1_000_000_000);
      if (!warm && second >= options.warmUp()) {
        database.meters().values().forEach(Meter::forgetLatencies);
        warm = true;
      }
      screen.progress(Math.min(second, options.seconds()), options.seconds(), sampler,
          EngineFigures.now(database.meters()));
    } while (failures.first() == null && sampler.rssOver() == null
        && (second < options.seconds() || second < longest() && !happened(database)));
    workload.stop();
  }

  /** On a slow machine it takes longer until what the scenario is about has happened. */
  private int longest() {
    return 4 * options.seconds() + 60;
  }

  /**
   * Whether every engine has worked, and a storm has come to a refusal (or to a death), a flood of
   * documents to be saved (or past the ceiling).
   */
  private boolean happened(Database database) {
    boolean refused = database.meters().get(Engines.QUERY).refusals() > 0;
    return (options.scenario() != Scenario.QUERY_STORM || refused)
        && (options.scenario() != Scenario.NATIVE_FLOOD || database.crdt().floodSaved() > 0)
        && database.meters().values().stream().allMatch(meter -> meter.operations() > 0);
  }

  private void verify(Database database) {
    for (Engine engine : database.engines()) {
      attempt(engine, "verifying", () ->
          screen.line(String.format("verified %-11s %s", engine.name(), engine.verify())));
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }

  private boolean attempt(Engine engine, String what, Step step) {
    try {
      step.run();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failures.add(what + " " + engine.name() + ": interrupted");
    } catch (Exception | Error e) {
      Fatal.exitIfOutOfMemory(engine.name(), e);
      failures.add(what + " " + engine.name() + ": " + e);
    }
    return false;
  }

  private int finish(Database database, Sampler sampler) throws IOException {
    List<EngineFigures> engines = EngineFigures.now(database.meters());
    boolean within = withinLimits(engines, sampler);
    judge(engines, sampler);
    screen.table(engines);
    screen.line("RSS peak  " + ByteSize.format(sampler.rssPeak()) + " of "
        + ByteSize.format(options.ceiling()));
    Path recording = recording();
    if (recording != null) {
      screen.line("recording " + recording);
    }
    Path summary = options.out().resolve("summary.json");
    SummaryFile.write(summary, new Summary(options.ceiling(), sampler.rssPeak(), engines,
        within, sampler.rssOver() == null, recording));
    screen.line("summary   " + summary);
    screen.result(failures.first());
    return failures.first() == null ? 0 : 1;
  }

  /** By the samples, and by what the governor saw of each charge in between. */
  private boolean withinLimits(List<EngineFigures> engines, Sampler sampler) {
    boolean within = sampler.engineOver() == null;
    if (!within) {
      failures.add(sampler.engineOver());
    }
    for (EngineFigures engine : engines) {
      if (engine.overrun() != null && engine.overrun() > 0) {
        failures.add(engine.name() + " was " + engine.overrun() + " bytes past its limit");
        within = false;
      }
    }
    return within;
  }

  private void judge(List<EngineFigures> engines, Sampler sampler) {
    if (sampler.rssOver() != null) {
      failures.add(sampler.rssOver());
    }
    boolean governed = MemoryGovernor.get().active();
    for (EngineFigures engine : engines) {
      boolean attacked = engine.name().equals(options.scenario().attacked());
      if (engine.operations() == 0) {
        failures.add(engine.name() + " finished no operation");
      } else if (governed && options.scenario().attacked() != null && !attacked
          && engine.rejections() > 0) {
        failures.add(engine.name() + " was refused memory " + engine.rejections()
            + " times, though another engine was attacked");
      } else if (governed && options.scenario() == Scenario.QUERY_STORM && attacked
          && engine.rejections() == 0) {
        failures.add("no query was refused");
      }
    }
  }

  /** Where the recording goes that was started with the process; null if there is none. */
  private static Path recording() {
    if (!FlightRecorder.isInitialized()) {
      return null;
    }
    return FlightRecorder.getFlightRecorder().getRecordings().stream()
        .map(jdk.jfr.Recording::getDestination)
        .filter(java.util.Objects::nonNull)
        .findFirst()
        .orElse(null);
  }
}
