package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.sample.data.BadDataException;
import java.io.IOException;
import java.util.Arrays;

/** Compares stored points with the source, each series from its first point on. Not thread-safe. */
final class ReadBack {
  private final MetricSource source;
  private final long[] seen;

  ReadBack(MetricSource source) {
    this.source = source;
    this.seen = new long[source.hosts() * source.metrics()];
  }

  void segment(Segments.Segment segment) throws IOException {
    segment.read(this::chunk);
  }

  void memtable(Memtable table) throws IOException {
    for (int series = 0; series < table.series(); series++) {
      for (Chunk chunk : table.chunks(series)) {
        chunk(series, chunk.points());
      }
    }
  }

  private void chunk(int series, GorillaDecoder points) throws IOException {
    int host = series / source.metrics();
    int metric = series % source.metrics();
    while (points.next()) {
      long index = seen[series]++;
      expect(source, host, metric, index, points);
    }
  }

  /** Checks that a decoder stands at a certain point. */
  static void expect(
      MetricSource source, int host, int metric, long index, GorillaDecoder points)
      throws BadDataException {
    long time = source.time(host, index);
    double value = source.value(host, metric, index);
    if (points.time() != time
        || Double.doubleToRawLongBits(points.value()) != Double.doubleToRawLongBits(value)) {
      throw new BadDataException("timeseries", "host " + host + ", metric " + metric + ", point "
          + index + " reads " + points.time() + "=" + points.value() + " (expected: " + time + "="
          + value + ")");
    }
  }

  /** Checks that each host's points were all seen, and returns how many there were in all. */
  long total(long[] stored) throws BadDataException {
    for (int series = 0; series < seen.length; series++) {
      long expected = stored[series / source.metrics()];
      if (seen[series] != expected) {
        throw new BadDataException("timeseries", "series " + series + " reads back " + seen[series]
            + " points (expected: " + expected + ")");
      }
    }
    return Arrays.stream(seen).sum();
  }
}
