package io.nodedb.mem.governor;

import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.PressureLevel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all engines use together, within the bounds that they share, and the pressure of that.
 * Thread-safe.
 *
 * <p>{@link #tryAdd} is the second half of an admission, {@link #subtract} of a release. Figures count
 * what threads hold ahead of use, unless they say otherwise.
 */
final class Totals {
  /** The process's pressure. */
  final PressureGauge gauge;

  private final Governor governor;
  private final long ceiling;
  private final long heapCeiling;
  private final AtomicLong total = new AtomicLong();
  private final AtomicLong heapTotal = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private volatile double occupied;

  /** None of the governor's engines is asked for before the first charge. */
  Totals(Governor governor, GovernorSpec spec) {
    this.governor = governor;
    this.ceiling = spec.ceiling();
    this.heapCeiling = spec.heapCeiling();
    this.gauge =
        new PressureGauge(
            spec.thresholds(),
            ceiling,
            this::pressing,
            governor.listener().transitionsOf(Optional.empty()));
  }

  long ceiling() {
    return ceiling;
  }

  long heapCeiling() {
    return heapCeiling;
  }

  long used() {
    return total.get();
  }

  long heapUsed() {
    return heapTotal.get();
  }

  /** The most that was used. */
  long peak() {
    return peak.get();
  }

  /** Bytes in use, without what threads hold ahead of use. */
  long usedNow() {
    long unspent = 0;
    for (Engine engine : governor.engines()) {
      unspent += engine.unspent();
    }
    return Math.max(0, total.get() - unspent);
  }

  /** See {@link Governor#occupied}. */
  void occupied(Optional<Double> share) {
    double before = occupied;
    occupied = share.orElse(0.0);
    if (occupied != before) {
      gauge.evaluate("resident");
    }
  }

  /** What engines use; more if the process occupies a larger share of its bound. */
  long pressing() {
    return Math.max(usedNow(), (long) (occupied * ceiling));
  }

  PressureLevel pressure() {
    gauge.settle("query");
    return gauge.level();
  }

  /** The bound that has no room for so many bytes, or null. */
  Bound refusal(LedgerKind kind, long bytes) {
    if (kind == LedgerKind.HEAP && bytes > heapCeiling - heapTotal.get()) {
      return Bound.HEAP_CEILING;
    }
    return bytes > ceiling - total.get() ? Bound.CEILING : null;
  }

  /** Charges if both bounds allow. Null, or the bound that refuses; nothing has changed then. */
  Bound tryAdd(LedgerKind kind, long bytes) {
    if (kind == LedgerKind.HEAP && !add(heapTotal, bytes, heapCeiling)) {
      return Bound.HEAP_CEILING;
    }
    if (!add(total, bytes, ceiling)) {
      if (kind == LedgerKind.HEAP) {
        heapTotal.addAndGet(-bytes);
      }
      return Bound.CEILING;
    }
    long now = total.get();
    EngineFigures.raise(peak, now);
    gauge.moved(now, "admission");
    return null;
  }

  /** Charges the heap's total alone. Null, or the bound that refuses; nothing has changed then. */
  Bound tryAddToHeap(long bytes) {
    return add(heapTotal, bytes, heapCeiling) ? null : Bound.HEAP_CEILING;
  }

  /**
   * Charges whatever the bounds; leaves pressure to {@link Governor#charged}. Takes no lock.
   *
   * @return the total after that
   */
  long add(LedgerKind kind, long bytes) {
    long now = total.addAndGet(bytes);
    if (kind == LedgerKind.HEAP) {
      heapTotal.addAndGet(bytes);
    }
    EngineFigures.raise(peak, now);
    return now;
  }

  void subtract(LedgerKind kind, long bytes) {
    // The reverse of the order of admission: what the heap's total no longer holds, another may take
    // at once, and the total must not count those bytes twice meanwhile.
    long now = total.addAndGet(-bytes);
    if (kind == LedgerKind.HEAP) {
      heapTotal.addAndGet(-bytes);
    }
    gauge.moved(now, "release");
  }

  private static boolean add(AtomicLong word, long bytes, long bound) {
    long now;
    do {
      now = word.get();
      if (bytes > bound - now) {
        return false;
      }
    } while (!word.compareAndSet(now, now + bytes));
    return true;
  }
}
