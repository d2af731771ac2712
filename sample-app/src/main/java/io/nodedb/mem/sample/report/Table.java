package io.nodedb.mem.sample.report;

import io.nodedb.mem.sample.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures as lines of text. */
final class Table {
  private static final String ROW = "%-11s %10s %10s %10s %9s %11s %9s %9s";

  private Table() {}

  static List<String> lines(List<EngineFigures> engines, Colours colours) {
    List<String> lines = new ArrayList<>();
    lines.add(colours.bold(String.format(Locale.ROOT, ROW, "engine", "limit", "used", "peak",
        "refusals", "operations", "p50 ms", "p99 ms")));
    for (EngineFigures engine : engines) {
      String line = String.format(Locale.ROOT, ROW, engine.name(), size(engine.limit()),
          size(engine.used()), size(engine.peak()), engine.rejections(), engine.operations(),
          millis(engine.p50Ms()), millis(engine.p99Ms()));
      lines.add(engine.rejections() > 0 ? colours.yellow(line) : line);
    }
    return lines;
  }

  private static String size(Long bytes) {
    return bytes == null ? "-" : ByteSize.format(bytes);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
  }
}
