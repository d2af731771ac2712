package io.nodedb.mem.sample.timeseries;

/**
 * What the clients measure: hosts with a few metrics each, every point computable from its index, so
 * that whatever was stored can be checked without keeping a second copy. Immutable.
 */
interface MetricSource {
  int hosts();

  int metrics();

  /** The time of a host's point, in milliseconds since 1970. */
  long time(int host, long index);

  double value(int host, int metric, long index);
}
