package io.nodedb.mem.governor;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What an engine's figures tell besides where its bytes are now: how far use ever went, and what was
 * refused, released in excess, spilled and allocated so far. Thread-safe.
 */
final class EngineFigures {
  private final AtomicLong peak = new AtomicLong();
  private final AtomicLong overrun = new AtomicLong();
  private final LongAdder rejections = new LongAdder();
  private final LongAdder overReleases = new LongAdder();
  private final LongAdder spills = new LongAdder();
  private final LongAdder spilledBytes = new LongAdder();
  private final OncePerMinute overReleaseReport;
  private volatile LongSupplier allocated = () -> 0;

  EngineFigures(LongSupplier clock) {
    this.overReleaseReport = new OncePerMinute(clock);
  }

  /** Raises a figure to a value that it may be below. Takes no lock. */
  static void raise(AtomicLong figure, long value) {
    long seen = figure.get();
    while (value > seen && !figure.compareAndSet(seen, value)) {
      seen = figure.get();
    }
  }

  /** Use, with what threads hold ahead of it, has come to that. */
  void reached(long used) {
    raise(peak, used);
  }

  /** An unconditional charge has left use that far past the limit. */
  void overran(long bytes) {
    raise(overrun, bytes);
  }

  void rejected() {
    rejections.increment();
  }

  /** Counts an over-release. Whether it is time to tell of them. */
  boolean overReleased() {
    overReleases.increment();
    return overReleaseReport.now();
  }

  void spilled(long bytes) {
    spills.increment();
    spilledBytes.add(bytes);
  }

  void allocatedFrom(LongSupplier source) {
    allocated = source;
  }

  long peak() {
    return peak.get();
  }

  long overrun() {
    return overrun.get();
  }

  long rejections() {
    return rejections.sum();
  }

  long overReleases() {
    return overReleases.sum();
  }

  long spills() {
    return spills.sum();
  }

  long spilledBytes() {
    return spilledBytes.sum();
  }

  long allocated() {
    return allocated.getAsLong();
  }
}
