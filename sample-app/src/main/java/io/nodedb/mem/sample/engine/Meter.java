package io.nodedb.mem.sample.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Operations, refusals and latencies of one engine. Recording is wait-free and thread-safe; reading
 * percentiles folds what was recorded since into a total, under this object's lock.
 */
public final class Meter {
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Recorder recorder = new Recorder(HIGHEST_NANOS, 2);
  private final Histogram total = new Histogram(HIGHEST_NANOS, 2);
  private final LongAdder operations = new LongAdder();
  private final LongAdder refusals = new LongAdder();
  private Histogram interval;

  /** Makes one with nothing recorded. */
  public Meter() {}

  /**
   * Records a finished operation.
   *
   * @param nanos how long it took; more than ten minutes counts as ten minutes
   */
  public void done(long nanos) {
    recorder.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
    operations.increment();
  }

  /** Records a refused operation. */
  public void refused() {
    refusals.increment();
  }

  /**
   * Operations finished so far.
   *
   * @return how many
   */
  public long operations() {
    return operations.sum();
  }

  /**
   * Operations refused so far.
   *
   * @return how many
   */
  public long refusals() {
    return refusals.sum();
  }

  /** Starts the latencies anew, after a warm-up; operations count on. */
  public synchronized void forgetLatencies() {
    interval = recorder.getIntervalHistogram(interval);
    total.reset();
  }

  /**
   * A percentile of the latencies since the beginning, or since {@link #forgetLatencies}.
   *
   * @param percentile 0 to 100
   * @return milliseconds, 0 if nothing was recorded
   */
  public synchronized double percentileMillis(double percentile) {
    interval = recorder.getIntervalHistogram(interval);
    total.add(interval);
    return total.getTotalCount() == 0 ? 0 : total.getValueAtPercentile(percentile) / 1e6;
  }
}
