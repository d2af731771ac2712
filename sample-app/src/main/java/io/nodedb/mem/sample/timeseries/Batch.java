package io.nodedb.mem.sample.timeseries;

import java.nio.ByteBuffer;

/**
 * Consecutive points of all metrics of one host, as they travel and as they are logged.
 *
 * <pre>
 *   int32    host
 *   int64    index of the first point
 *   int32    points n
 *   int64    times, n of them
 *   float64  values: n of the first metric, n of the second, ...
 * </pre>
 */
final class Batch {
  private static final int HEADER = 16;
  private static final int INDEX_AT = 4;
  private static final int POINTS_AT = 12;

  private final ByteBuffer bytes;

  Batch(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  /** Measures. */
  static byte[] of(MetricSource source, int host, long index, int points) {
    int metrics = source.metrics();
    ByteBuffer out = ByteBuffer.allocate(HEADER + points * (metrics + 1) * Long.BYTES);
    out.putInt(host).putLong(index).putInt(points);
    for (int i = 0; i < points; i++) {
      out.putLong(source.time(host, index + i));
    }
    for (int metric = 0; metric < metrics; metric++) {
      for (int i = 0; i < points; i++) {
        out.putDouble(source.value(host, metric, index + i));
      }
    }
    return out.array();
  }

  int host() {
    return bytes.getInt(0);
  }

  long index() {
    return bytes.getLong(INDEX_AT);
  }

  int points() {
    return bytes.getInt(POINTS_AT);
  }

  long time(int point) {
    return bytes.getLong(HEADER + point * Long.BYTES);
  }

  double value(int metric, int point) {
    return bytes.getDouble(HEADER + (points() * (metric + 1) + point) * Long.BYTES);
  }
}
