package io.nodedb.mem.sample.report;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes {@code summary.json}: sizes in bytes; null where a figure needs the agent. */
public final class SummaryFile {
  private SummaryFile() {}

  /**
   * What a run came to.
   *
   * @param ceiling bytes the process may occupy
   * @param rssPeak the most it did occupy
   * @param engines the engines' figures
   * @param enginesWithinLimit whether no engine was ever above its limit
   * @param rssWithinCeiling whether no sample found the process above the ceiling
   * @param recording the flight recording, or null
   */
  public record Summary(
      long ceiling,
      long rssPeak,
      List<EngineFigures> engines,
      boolean enginesWithinLimit,
      boolean rssWithinCeiling,
      Path recording) {}

  /**
   * Writes the file.
   *
   * @param file where to
   * @param summary what
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Summary summary) throws IOException {
    File target = file.toFile();
    try (JsonGenerator json = new JsonFactory().createGenerator(target, JsonEncoding.UTF8)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("ceiling", summary.ceiling());
      json.writeNumberField("rssPeak", summary.rssPeak());
      json.writeArrayFieldStart("engines");
      for (EngineFigures engine : summary.engines()) {
        json.writeStartObject();
        json.writeStringField("name", engine.name());
        size(json, "limit", engine.limit());
        size(json, "peak", engine.peak());
        size(json, "overrun", engine.overrun());
        size(json, "used", engine.used());
        json.writeNumberField("rejections", engine.rejections());
        json.writeNumberField("operations", engine.operations());
        json.writeNumberField("p50Ms", engine.p50Ms());
        json.writeNumberField("p99Ms", engine.p99Ms());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeObjectFieldStart("bounds");
      json.writeBooleanField("enginesWithinLimit", summary.enginesWithinLimit());
      json.writeBooleanField("rssWithinCeiling", summary.rssWithinCeiling());
      json.writeEndObject();
      if (summary.recording() == null) {
        json.writeNullField("recording");
      } else {
        json.writeStringField("recording", summary.recording().toString());
      }
      json.writeEndObject();
    }
  }

  private static void size(JsonGenerator json, String name, Long bytes) throws IOException {
    if (bytes == null) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, bytes);
    }
  }
}
