package io.nodedb.mem.sample;

/** What the clients ask for. */
public enum Scenario {
  /** Every engine at its own pace, within its budget. */
  MIXED("mixed"),
  /** As mixed, and several queries at once whose hash tables no budget would hold. */
  QUERY_STORM("query-storm"),
  /** As mixed, and metrics that arrive far faster than they can be flushed. */
  INGEST_FLOOD("ingest-flood");

  private final String label;

  Scenario(String label) {
    this.label = label;
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return label;
  }
}
