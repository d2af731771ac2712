package io.nodedb.mem.governor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Whether some engine has come so near to a bound that instrumented code has to look: small objects
 * are not asked for one by one, so code is stopped while there is still room for what it may
 * allocate until the next time it looks.
 *
 * <p>One flag for all engines, as polls test one static. It is raised by whoever charges what is
 * allocated already, without a lock, and lowered by whoever releases; admissions leave it, as they
 * keep to the bounds themselves. A raise that races with a lowering wins: the one who lowers looks
 * again after. Should that thread lose its processor in between, the next charge raises the flag; so
 * there must be one flag only, and no copy of it here, which charges could find raised when it is not.
 */
public final class Attention {
  /** The flag that polls test. */
  public interface Flag {
    /**
     * Sets the flag. Takes no lock; what it waits for, if anything, is a safepoint.
     *
     * @param on whether polls have to look
     */
    void set(boolean on);

    /**
     * What it was set to last.
     *
     * @return whether polls have to look
     */
    boolean isSet();
  }

  /** A flag that nobody else tests. */
  static final class Plain implements Flag {
    private volatile boolean on;

    @Override
    public void set(boolean newOn) {
      on = newOn;
    }

    @Override
    public boolean isSet() {
      return on;
    }
  }

  private static final int SAMPLED = 6;
  private static final int COUNTED = 8;
  private static final long MOST = 8L << 20;

  private final Governor governor;
  private final Totals totals;
  private volatile Flag flag = new Plain();
  private final AtomicInteger holders = new AtomicInteger();

  /** What each engine may have allocated that it is not charged for yet, by its id. */
  private final AtomicLongArray behind;

  private volatile long behindInAll;

  /** By how much a limit is shifted for the {@link #margin}. */
  private volatile int marginShift = SAMPLED;

  /**
   * Nothing is near a bound yet.
   *
   * @param governor the budgets
   * @param engines how many there will be
   */
  Attention(Governor governor, int engines) {
    this.governor = governor;
    this.totals = governor.totals();
    this.behind = new AtomicLongArray(engines);
  }

  void flag(Flag newFlag) {
    flag = newFlag;
    if (holders.get() == 0 && noneNears()) {
      lowered();
    } else {
      newFlag.set(true);
    }
  }

  /**
   * The room that has to be left for code to go on unasked: a 64th of the limit, at most 8 MiB; a 256th
   * where nothing is sampled. The less it is, the more of the limit can be used, and the more garbage
   * fits in between two collections that rule it out: 50 limits' worth take 50. The more it is, the less
   * often does chance carry what is sampled past the limit.
   *
   * @param engine the engine
   * @return bytes
   */
  public long margin(Engine engine) {
    return Math.min(engine.limit() >> marginShift, MOST);
  }

  /** What code should get on by before it looks again, where room has to be made: a 64th, 8 MiB at most. */
  long step(Engine engine) {
    return Math.min(engine.limit() >> SAMPLED, MOST);
  }

  /** From now on charges are counted, and not by chance. */
  void counted() {
    marginShift = COUNTED;
  }

  boolean needs(Engine engine) {
    return needs(engine, engine.budget.used(), totals.used());
  }

  /** One thread at a time for all engines. */
  void behind(Engine engine, long bytes) {
    long before = behind.getAndSet(engine.id(), bytes);
    behindInAll += bytes - before;
    if (bytes > before) {
      charged(engine, engine.budget.used(), totals.used());
    } else {
      lowered();
    }
  }

  void charged(Engine engine, long used, long total) {
    if (!flag.isSet() && nears(engine, used, total)) {
      flag.set(true);
    }
  }

  void lowered() {
    if (flag.isSet() && holders.get() == 0 && noneNears()) {
      flag.set(false);
      if (!noneNears() || holders.get() != 0) {
        flag.set(true);
      }
    }
  }

  /** Keeps the flag up for a call over its own budget. Takes no lock: a sample may be what tells. */
  void hold() {
    holders.incrementAndGet();
    flag.set(true);
  }

  /** Undoes one {@link #hold}. */
  void unhold() {
    holders.decrementAndGet();
    lowered();
  }

  private boolean needs(Engine engine, long used, long total) {
    return isFull(engine, used, total, 0, 0);
  }

  private boolean nears(Engine engine, long used, long total) {
    return isFull(engine, used, total, behind.get(engine.id()), behindInAll);
  }

  private boolean isFull(Engine engine, long used, long total, long more, long moreInAll) {
    long margin = margin(engine);
    return used + more > engine.budget.bound() - margin
        || total + moreInAll > totals.ceiling() - margin
        || totals.heapUsed() + moreInAll > totals.heapCeiling() - margin;
  }

  private boolean noneNears() {
    for (Engine engine : governor.engines()) {
      if (nears(engine, engine.budget.used(), totals.used())) {
        return false;
      }
    }
    return true;
  }
}
