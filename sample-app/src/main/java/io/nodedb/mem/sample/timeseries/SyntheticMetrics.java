package io.nodedb.mem.sample.timeseries;

/**
 * Machines of a data centre, in the manner of TSBS' devops data: ten CPU metrics of each host every
 * ten seconds, percentages that wander between levels, now and then a late point.
 */
final class SyntheticMetrics implements MetricSource {
  private static final int HOSTS = 100;
  private static final int METRICS = 10;
  private static final long START = 1_451_606_400_000L; // 2016-01-01, where TSBS starts
  private static final long INTERVAL = 10_000;
  private static final int LEVEL_LENGTH = 64;

  private final long seed;

  SyntheticMetrics(long seed) {
    this.seed = seed;
  }

  @Override
  public int hosts() {
    return HOSTS;
  }

  @Override
  public int metrics() {
    return METRICS;
  }

  @Override
  public long time(int host, long index) {
    long hash = hash(host, -1, index);
    long late = (hash & 63) == 0 ? hash >>> 6 & 1023 : 0;
    return START + index * INTERVAL + late;
  }

  @Override
  public double value(int host, int metric, long index) {
    long block = index / LEVEL_LENGTH;
    double from = unit(hash(host, metric, ~block));
    double to = unit(hash(host, metric, ~(block + 1)));
    double level = from + (to - from) * (index % LEVEL_LENGTH) / LEVEL_LENGTH;
    double noise = (unit(hash(host, metric, index)) - 0.5) / 50;
    return Math.round(10_000 * Math.clamp(level + noise, 0, 1)) / 100.0;
  }

  private static double unit(long hash) {
    return (hash >>> 11) * 0x1p-53;
  }

  private long hash(int host, int metric, long index) {
    long z = seed + index * 0x9e3779b97f4a7c15L + (((long) host << 8) + metric) * 0xd1342543de82ef95L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
