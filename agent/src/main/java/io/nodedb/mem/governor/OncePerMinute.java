package io.nodedb.mem.governor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Lets one caller a minute through. Thread-safe. */
public final class OncePerMinute {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoClock;
  private final AtomicLong last;

  /**
   * Lets the next caller through.
   *
   * @param nanoClock as {@link System#nanoTime}
   */
  public OncePerMinute(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.last = new AtomicLong(nanoClock.getAsLong() - MINUTE);
  }

  /**
   * Asks for passage.
   *
   * @return whether nobody got it within the last minute
   */
  public boolean now() {
    long now = nanoClock.getAsLong();
    long before = last.get();
    return now - before >= MINUTE && last.compareAndSet(before, now);
  }
}
