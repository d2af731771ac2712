package io.nodedb.mem.sample;

import io.nodedb.mem.Engines;

/** What the clients ask for. */
public enum Scenario {
  /** Every engine at its own pace, within its budget. */
  MIXED("mixed"),
  /** As mixed at full load: metrics come in bulk, and some GROUP BYs need several times the budget. */
  FULL_LOAD("full-load"),
  /** As mixed, and several queries at once whose hash tables no budget would hold. */
  QUERY_STORM("query-storm"),
  /** As mixed, and metrics that arrive far faster than they can be flushed. */
  INGEST_FLOOD("ingest-flood"),
  /** As mixed, and documents that arrive far faster than anybody reads them: native memory. */
  NATIVE_FLOOD("native-flood"),
  /** As query-storm, but its clients ask for what others ask: as many threads, little memory. */
  QUERY_CROWD("query-crowd"),
  /** As ingest-flood, but metrics come at the pace at which they are flushed. */
  INGEST_CROWD("ingest-crowd");

  private final String label;

  Scenario(String label) {
    this.label = label;
  }

  /**
   * The engine that gets more than its budget holds.
   *
   * @return its name; null if none does
   */
  public String attacked() {
    return switch (this) {
      case MIXED, FULL_LOAD, QUERY_CROWD, INGEST_CROWD -> null;
      case QUERY_STORM -> Engines.QUERY;
      case INGEST_FLOOD -> Engines.TIMESERIES;
      case NATIVE_FLOOD -> Engines.CRDT;
    };
  }

  /**
   * The engine that has more clients than the others.
   *
   * @return its name; null if none has
   */
  public String crowded() {
    return switch (this) {
      case QUERY_CROWD -> Engines.QUERY;
      case FULL_LOAD, INGEST_CROWD -> Engines.TIMESERIES;
      default -> attacked();
    };
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return label;
  }
}
