package io.nodedb.mem;

/**
 * Names of the engines a NodeDB process has from the start. The agent gives each of them a budget
 * without being told; a configuration may add engines of any other name.
 */
public final class Engines {
  /** Approximate nearest neighbour search over dense vectors. */
  public static final String VECTOR = "vector";

  /** Full-text and other sparse-vector search. */
  public static final String SPARSE = "sparse";

  /** Conflict-free replicated documents. */
  public static final String CRDT = "crdt";

  /** Time series: memtables, compressed segments. */
  public static final String TIMESERIES = "timeseries";

  /** SQL execution: sorts, joins, aggregations. */
  public static final String QUERY = "query";

  /** The write-ahead log. */
  public static final String WAL = "wal";

  /** Hand-over buffers between request threads and engines. */
  public static final String BRIDGE = "bridge";

  private Engines() {}
}
