package io.nodedb.mem.governor;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether some engine has come so near to a bound that instrumented code has to look: small objects
 * are not asked for one by one, so code is stopped while there is still room for what it may
 * allocate until the next time it looks.
 *
 * <p>One flag for all engines, as polls test one static. It is raised by whoever charges what is
 * allocated already, without a lock, and lowered by whoever releases; admissions leave it, as they
 * keep to the bounds themselves. A raise that races with a lowering wins: the one who lowers looks
 * again after.
 */
public final class Attention {
  /** Sets the flag that polls test. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Sets the flag.
     *
     * @param on whether polls have to look
     */
    void set(boolean on);
  }

  private final Governor governor;
  private final Totals totals;
  private volatile Sink sink = on -> {};
  private volatile boolean on;
  private final AtomicInteger holders = new AtomicInteger();

  Attention(Governor governor) {
    this.governor = governor;
    this.totals = governor.totals();
  }

  void sink(Sink newSink) {
    sink = newSink;
    publish();
  }

  /**
   * The room that has to be left for code to go on unasked: a 64th of the limit, at most 8 MiB. The
   * less it is, the more of the limit can be used, and the more garbage fits in between two collections
   * that rule it out: 50 limits' worth take 50. The more it is, the less often does chance carry what
   * is sampled past the limit.
   *
   * @param engine the engine
   * @return bytes
   */
  public long margin(Engine engine) {
    return Math.min(engine.limit() >> 6, 8L << 20);
  }

  boolean needs(Engine engine) {
    return needs(engine, engine.budget.used(), totals.used());
  }

  void charged(Engine engine, long used, long total) {
    if (!on && needs(engine, used, total)) {
      set(true);
    }
  }

  void lowered() {
    if (on && holders.get() == 0 && noneNeeds()) {
      set(false);
      if (!noneNeeds() || holders.get() != 0) {
        set(true);
      }
    }
  }

  /** Keeps the flag up for a call over its own budget. Takes no lock: a sample may be what tells. */
  void hold() {
    holders.incrementAndGet();
    set(true);
  }

  /** Undoes one {@link #hold}. */
  void unhold() {
    holders.decrementAndGet();
    lowered();
  }

  private boolean needs(Engine engine, long used, long total) {
    long margin = margin(engine);
    return used > engine.budget.bound() - margin
        || total > totals.ceiling() - margin
        || totals.heapUsed() > totals.heapCeiling() - margin;
  }

  private boolean noneNeeds() {
    for (Engine engine : governor.engines()) {
      if (needs(engine)) {
        return false;
      }
    }
    return true;
  }

  private void set(boolean value) {
    on = value;
    publish();
  }

  /**
   * Tells the sink. Threads may overtake each other on the way, so each makes sure, after it told the
   * sink, that this is still so: whoever comes last leaves what is true.
   */
  private void publish() {
    boolean told;
    do {
      told = on;
      sink.set(told);
    } while (told != on);
  }
}
