package io.nodedb.mem.config;

import io.nodedb.mem.config.NativeSettings.LeakDetection;
import io.nodedb.mem.config.OverflowSettings.Durability;
import io.nodedb.mem.governor.WorkloadHint;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Reads the sections that stand for themselves. */
final class SectionReader {
  private static final double MOST_HEADROOM = 0.5;
  private static final long WINDOW = 128L << 20;
  private static final long INITIAL = 64L << 20;
  private static final long LEAST_REGION = 64L << 10;
  private static final long MOST_REGION = 32L << 30;

  private final Values values;
  private final Machine machine;

  SectionReader(Values values, Machine machine) {
    this.values = values;
    this.machine = machine;
  }

  PressureSettings pressure() {
    var warning = positive(values.fraction("pressure.warning", "70%"));
    var critical = values.fraction("pressure.critical", "85%");
    var emergency = values.fraction("pressure.emergency", "95%");
    ascending(warning, critical);
    ascending(critical, emergency);
    var hysteresis = values.fraction("pressure.hysteresis", "3%");
    var gap =
        Math.min(
            warning.value(),
            Math.min(critical.value() - warning.value(), emergency.value() - critical.value()));
    if (hysteresis.value() >= gap) {
      throw hysteresis.bad(
          "too large, a level would end only below the level before it (%s, %s, %s)"
              .formatted(warning.text(), critical.text(), emergency.text()),
          "write less than the smallest gap between the levels");
    }
    return new PressureSettings(
        warning.value(), critical.value(), emergency.value(), hysteresis.value());
  }

  private static void ascending(Item<Double> low, Item<Double> high) {
    if (low.value() >= high.value()) {
      var culprit = Item.culprit(high, low);
      var other = culprit == high ? low : high;
      throw culprit.bad(
          "the levels do not ascend, see " + other, "keep warning < critical < emergency");
    }
  }

  SpillSettings spill() {
    var start = positive(values.fraction("spill.start", "90%"));
    var restore = positive(values.fraction("spill.restore", "75%"));
    if (restore.value() >= start.value()) {
      var culprit = Item.culprit(restore, start);
      var other = culprit == restore ? start : restore;
      throw culprit.bad(
          "spilling would end where it starts, see " + other, "keep spill.restore < spill.start");
    }
    return new SpillSettings(start.value(), restore.value());
  }

  RebalanceSettings rebalance() {
    var enabled =
        values.read("rebalance.enabled", "true", Choice::yes, "write true or false");
    var interval = some(values.duration("rebalance.interval", "1s"));
    var step = positive(values.fraction("rebalance.step", "5%"));
    var hints = Choice.of(WorkloadHint.class);
    var hint = values.read("rebalance.hint", "auto", hints::parse, hints.remedy());
    return new RebalanceSettings(
        enabled.value(), interval.value(), step.value(), hint.value());
  }

  HeapSettings heap() {
    var interval =
        values.read(
            "heap.sampling-interval",
            "auto",
            SectionReader::samplingInterval,
            "write auto, 0 for every allocation, or a size such as 64KiB");
    return new HeapSettings(
        interval.value(),
        values.size("heap.gate-threshold", "4KiB").value(),
        values.duration("heap.min-gc-interval", "1s").value(),
        some(values.duration("heap.ticker-interval", "10ms")).value(),
        values.size("heap.grace", "1MiB").value());
  }

  private static long samplingInterval(String text) {
    if (text.strip().equals("auto")) {
      return HeapSettings.AUTO;
    }
    var bytes = Sizes.parse(text);
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the JVM samples at intervals below 2GiB");
    }
    return bytes;
  }

  AuditSettings audit() {
    return new AuditSettings(values.duration("audit.interval", "60s").value());
  }

  GuardSettings guard() {
    var enabled = values.read("guard.enabled", "true", Choice::yes, "write true or false");
    var cancel = values.read("guard.cancel-worst", "false", Choice::yes, "write true or false");
    var after = some(values.duration("guard.cancel-after", "5s"));
    return new GuardSettings(enabled.value(), cancel.value(), after.value());
  }

  MmapSettings mmap() {
    var budget = values.size("mmap.budget", "4GiB");
    var page = machine.pageSize();
    if (budget.value() != 0 && budget.value() < page) {
      throw budget.bad(
          "less than a page, " + page + " bytes", "write a size, such as 4GiB, or 0 for unlimited");
    }
    var most = budget.value() == 0 ? Long.MAX_VALUE : budget.value();
    var usual = Sizes.format(Math.min(WINDOW, most / page * page));
    var window = some(values.size("mmap.window-size", usual));
    var rounded = Math.ceilDiv(window.value(), page) * page;
    // A size within a page of 2^63 wraps around when rounded.
    if (rounded > most || rounded < 0) {
      throw window.bad(
          "a window does not fit into the budget, " + budget, "lower it, or raise mmap.budget");
    }
    var headroom = values.fraction("mmap.headroom", "10%");
    if (headroom.value() > MOST_HEADROOM) {
      throw headroom.bad("over 50%", "write a percentage from 0% to 50%");
    }
    var releaseAfter = values.duration("mmap.release-after", "60s");
    return new MmapSettings(
        budget.value(), rounded, headroom.value(), releaseAfter.value());
  }

  OverflowSettings overflow() {
    var dir =
        values.read(
            "overflow.dir",
            machine.tmpDir().resolve("nodedb-mem").toString(),
            SectionReader::path,
            "write the path of a directory");
    if (Files.exists(dir.value()) && !Files.isDirectory(dir.value())) {
      throw dir.bad("it is a file", "write the path of a directory");
    }
    var max = regionSize(some(values.size("overflow.max", "1GiB")));
    var usual = Sizes.format(Math.min(INITIAL, max.value()));
    var initial = regionSize(some(values.size("overflow.initial", usual)));
    if (initial.value() > max.value()) {
      throw initial.bad("above " + max, "lower it, or raise overflow.max");
    }
    var policies = Choice.of(Durability.class);
    var policy =
        values.read("overflow.durability", "async", policies::parse, policies.remedy());
    return new OverflowSettings(dir.value(), initial.value(), max.value(), policy.value());
  }

  private static Item<Long> regionSize(Item<Long> size) {
    if (size.value() < LEAST_REGION) {
      throw size.bad("below 64KiB", "write a size of at least 64KiB");
    }
    if (size.value() > MOST_REGION) {
      throw size.bad("above 32GiB, the most a region can hold", "use several regions");
    }
    return size;
  }

  NativeSettings offheap() {
    var remedy = "write the path of libjemalloc.so.2, or leave it out";
    var jemalloc = values.find("native.jemalloc", SectionReader::path, remedy);
    if (jemalloc.isPresent() && !Files.isRegularFile(jemalloc.get().value())) {
      throw jemalloc.get().bad("there is no such file", remedy);
    }
    var levels = Choice.of(LeakDetection.class);
    var level = values.read("native.leak-detection", "sampled", levels::parse, levels.remedy());
    return new NativeSettings(jemalloc.map(Item::value), level.value());
  }

  MetricsSettings metrics() {
    var remedy = "write a port from 1 to 65535, or 0 for none";
    var port = values.read("metrics.port", "0", SectionReader::port, remedy);
    var host = values.read("metrics.host", "127.0.0.1", String::strip, "write an address");
    if (host.value().isEmpty()) {
      throw host.bad("no address", "write an address, 127.0.0.1 for this machine alone");
    }
    return new MetricsSettings(port.value(), host.value());
  }

  private static int port(String text) {
    if (!text.strip().matches("-?[0-9]{1,9}")) {
      throw new IllegalArgumentException("not a port");
    }
    var port = Integer.parseInt(text.strip());
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("no port has this number");
    }
    return port;
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("no path");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("not a path", e);
    }
  }

  private static Item<Double> positive(Item<Double> fraction) {
    if (fraction.value() <= 0) {
      throw fraction.bad("must be more than 0%", Fractions.REMEDY);
    }
    return fraction;
  }

  private static Item<Long> some(Item<Long> amount) {
    if (amount.value() <= 0) {
      throw amount.bad("must be more than 0", "write more, or leave it out for the default");
    }
    return amount;
  }
}
