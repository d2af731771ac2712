package io.nodedb.mem.sample;

import io.nodedb.mem.Engines;

/** What the clients ask for. */
public enum Scenario {
  /** Every engine at its own pace, within its budget. */
  MIXED("mixed"),
  /** As mixed, and several queries at once whose hash tables no budget would hold. */
  QUERY_STORM("query-storm"),
  /** As mixed, and metrics that arrive far faster than they can be flushed. */
  INGEST_FLOOD("ingest-flood"),
  /** As mixed, and documents that arrive far faster than anybody reads them: native memory. */
  NATIVE_FLOOD("native-flood");

  private final String label;

  Scenario(String label) {
    this.label = label;
  }

  /** The engine that gets more than its budget holds; null if none does. */
  String attacked() {
    return switch (this) {
      case MIXED -> null;
      case QUERY_STORM -> Engines.QUERY;
      case INGEST_FLOOD -> Engines.TIMESERIES;
      case NATIVE_FLOOD -> Engines.CRDT;
    };
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return label;
  }
}
