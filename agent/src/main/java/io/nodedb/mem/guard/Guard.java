package io.nodedb.mem.guard;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Decides what is done when the process nears its bound. Confined to one thread, but for {@link
 * #count}.
 *
 * <p>The ledgers bound what engines use; the process occupies more: free pages that an allocator
 * keeps, windows that nobody reads any more, heap that is committed and free. From {@link #START} of
 * the bound on these are given back, one kind after the other, each followed by another look, until
 * the process is below {@link #CALM}. A step rests after it ran, and longer if it did not help, so that a
 * process that really needs its memory is not kept busy giving none back. Only when every step has
 * run or rests, and the process is past {@link #RAISE}, pressure is raised for all engines; it ends
 * below {@link #CALM}.
 */
public final class Guard {
  static final double START = 0.90;
  static final double CALM = 0.85;
  static final double RAISE = 0.95;

  /** A step that changed less than this share of the bound has not helped. */
  private static final double HELPED = 0.01;

  private static final int MOST_RESTS = 16;

  private static final class Rung {
    final GuardStep step;
    long notBefore;
    boolean ran;
    int rests = 1;

    Rung(GuardStep step) {
      this.step = step;
    }

    boolean rested(long now) {
      return !ran || now - notBefore >= 0;
    }
  }

  private final Supplier<Occupancy> probe;
  private final List<Rung> ladder;
  private final Consumer<Optional<Occupancy>> pressure;
  private final LongSupplier clock;
  private final LongAdder steps = new LongAdder();
  private boolean near;
  private boolean raised;

  /**
   * Makes one.
   *
   * @param probe reads what the process occupies
   * @param steps in the order in which they are tried
   * @param pressure told what the process occupies while that is pressure on all engines, and empty
   *     when it is no more
   * @param clock nanoseconds
   */
  Guard(
      Supplier<Occupancy> probe,
      List<GuardStep> steps,
      Consumer<Optional<Occupancy>> pressure,
      LongSupplier clock) {
    this.probe = probe;
    this.ladder = steps.stream().map(Rung::new).toList();
    this.pressure = pressure;
    this.clock = clock;
  }

  /**
   * How often something was given back.
   *
   * @return steps so far
   */
  public long count() {
    return steps.sum();
  }

  /**
   * Looks, and acts if need be.
   *
   * @return what the process occupies after that
   */
  Occupancy look() {
    Occupancy now = probe.get();
    if (now.share() < CALM) {
      calm();
      return now;
    }
    near |= now.share() >= START;
    if (!near) {
      return now;
    }
    for (Rung rung : ladder) {
      if (now.share() >= CALM && rung.rested(clock.getAsLong())) {
        now = climb(rung, now);
      }
    }
    if (now.share() < CALM) {
      calm();
    } else if (raised || now.share() >= RAISE) {
      raised = true;
      pressure.accept(Optional.of(now));
    }
    return now;
  }

  private Occupancy climb(Rung rung, Occupancy before) {
    boolean did = rung.step.action().run();
    Occupancy after = probe.get();
    boolean helped = before.resident() - after.resident() >= HELPED * before.bound();
    rung.rests = helped ? 1 : Math.min(MOST_RESTS, 2 * rung.rests);
    rung.notBefore = clock.getAsLong() + rung.step.restNanos() * rung.rests;
    rung.ran = true;
    if (did) {
      steps.increment();
    }
    return after;
  }

  private void calm() {
    near = false;
    if (raised) {
      raised = false;
      pressure.accept(Optional.empty());
    }
  }
}
