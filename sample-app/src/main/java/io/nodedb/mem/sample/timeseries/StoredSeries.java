package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.OverflowRegion;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Generated series whose segments are in an overflow region. Immutable. */
public final class StoredSeries {
  private static final int SEED = 42;
  private static final int BATCH = 100;
  private static final long MEMTABLE = 8 << 20;

  private final int series;
  private final List<RegionSegments.Slots> segments;

  private StoredSeries(int series, List<RegionSegments.Slots> segments) {
    this.series = series;
    this.segments = segments;
  }

  /**
   * One series' answer.
   *
   * @param points how many points
   * @param least the least value
   * @param most the greatest value
   * @param sum the sum of the values, in the order of time
   */
  public record Summary(long points, double least, double most, double sum) {
    private static final Summary NONE =
        new Summary(0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0);

    private Summary plus(double value) {
      return new Summary(
          points + 1, Math.min(least, value), Math.max(most, value), sum + value);
    }
  }

  /**
   * Generates and flushes.
   *
   * @param points of each series, a multiple of 100
   * @param region where to put them
   * @return the series
   * @throws IOException never, in a region
   */
  public static StoredSeries write(long points, OverflowRegion region) throws IOException {
    MetricSource source = new SyntheticMetrics(SEED);
    RegionSegments store = new RegionSegments(region);
    List<RegionSegments.Slots> segments = new ArrayList<>();
    int series = source.hosts() * source.metrics();
    Memtable table = new Memtable(series);
    for (long from = 0; from < points; from += BATCH) {
      for (int host = 0; host < source.hosts(); host++) {
        add(source, host, from, table);
      }
      if (table.bytes() >= MEMTABLE) {
        segments.add(store.write(table, bytes -> {}));
        table = new Memtable(series);
      }
    }
    segments.add(store.write(table, bytes -> {}));
    return new StoredSeries(series, segments);
  }

  private static void add(MetricSource source, int host, long from, Memtable table) {
    table.prepare(host * source.metrics(), source.metrics(), BATCH);
    for (int metric = 0; metric < source.metrics(); metric++) {
      for (long i = from; i < from + BATCH; i++) {
        table.add(
            host * source.metrics() + metric, source.time(host, i),
            source.value(host, metric, i));
      }
    }
    table.settle(source.metrics(), BATCH);
  }

  /**
   * Opens series.
   *
   * @param catalog what {@link #describe} wrote
   * @param region where they are
   * @return the series
   * @throws IOException if the catalog ends early
   */
  public static StoredSeries open(DataInput catalog, OverflowRegion region) throws IOException {
    RegionSegments store = new RegionSegments(region);
    List<RegionSegments.Slots> segments = new ArrayList<>();
    int series = catalog.readInt();
    for (int left = catalog.readInt(); left > 0; left--) {
      long[] slots = new long[catalog.readInt()];
      for (int i = 0; i < slots.length; i++) {
        slots[i] = catalog.readLong();
      }
      segments.add(store.at(slots));
    }
    return new StoredSeries(series, segments);
  }

  /**
   * Writes what {@link #open} needs.
   *
   * @param catalog where to
   * @throws IOException if that fails
   */
  public void describe(DataOutput catalog) throws IOException {
    catalog.writeInt(series);
    catalog.writeInt(segments.size());
    for (RegionSegments.Slots segment : segments) {
      long[] slots = segment.slots();
      catalog.writeInt(slots.length);
      for (long slot : slots) {
        catalog.writeLong(slot);
      }
    }
  }

  /**
   * Reads everything.
   *
   * @return a summary of each series
   * @throws IOException if a chunk is damaged
   */
  public List<Summary> summaries() throws IOException {
    Summary[] all = new Summary[series];
    Arrays.fill(all, Summary.NONE);
    for (RegionSegments.Slots segment : segments) {
      segment.read((number, points) -> {
        while (points.next()) {
          all[number] = all[number].plus(points.value());
        }
      });
    }
    return List.of(all);
  }
}
