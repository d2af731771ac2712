package io.nodedb.mem.sample.report;

import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.sample.ByteSize;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks every 10 ms whether the process is within its ceiling and every engine within its limit.
 * Started by {@link #start}; the results may be read by any thread at any time.
 */
public final class Sampler implements AutoCloseable {
  private static final long INTERVAL_NANOS = 10_000_000;

  private final long ceiling;
  private final Thread thread;

  // Written by the sampling thread alone.
  private volatile long rss;
  private volatile long rssPeak;
  private volatile String engineOver;
  private volatile String rssOver;

  /** Written by whoever ends the sampling. */
  private volatile boolean closed;

  private Sampler(long ceiling) {
    this.ceiling = ceiling;
    this.thread = Thread.ofPlatform().name("sampler").daemon().unstarted(this::sample);
  }

  /**
   * Starts sampling.
   *
   * @param ceiling what the process may occupy, in bytes
   * @return to be closed
   */
  public static Sampler start(long ceiling) {
    Sampler sampler = new Sampler(ceiling);
    sampler.thread.start();
    return sampler;
  }

  private void sample() {
    try (Rss source = Rss.open()) {
      while (!closed) {
        long now = source.bytes();
        rss = now;
        rssPeak = Math.max(rssPeak, now);
        if (now > ceiling && rssOver == null) {
          rssOver = "RSS " + ByteSize.format(now) + " above the ceiling of "
              + ByteSize.format(ceiling);
        }
        for (EngineSnapshot engine : MemoryGovernor.get().snapshot().engines()) {
          if (engine.used() > engine.limit() && engineOver == null) {
            engineOver = engine.name() + " used " + engine.used() + " bytes of " + engine.limit();
          }
        }
        LockSupport.parkNanos(INTERVAL_NANOS);
      }
    } catch (IOException e) {
      rssOver = "RSS cannot be read: " + e.getMessage();
    }
  }

  /**
   * The resident set size.
   *
   * @return bytes; 0 where it is not known
   */
  public long rss() {
    return rss;
  }

  /**
   * The highest resident set size so far.
   *
   * @return bytes
   */
  public long rssPeak() {
    return rssPeak;
  }

  /**
   * The first time an engine was found above its limit.
   *
   * @return a description, or null if it never happened
   */
  public String engineOver() {
    return engineOver;
  }

  /**
   * The first time the process was found above its ceiling.
   *
   * @return a description, or null if it never happened
   */
  public String rssOver() {
    return rssOver;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
