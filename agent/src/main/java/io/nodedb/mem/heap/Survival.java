package io.nodedb.mem.heap;

import java.util.Arrays;

/**
 * Learns from collections which of several sources of objects make those that survive. A collection
 * tells the sum of the survivors only; but sources make more at one time and less at another, and who
 * makes much when much survives is the one. The rates are followed by the normalized least mean squares
 * filter (B. Widrow and M. Hoff, Adaptive Switching Circuits, 1960), each kept between 0 and 1.
 *
 * <p>Not thread-safe.
 */
final class Survival {
  /** How much of what a collection tells is believed at once. */
  private static final double STEP = 0.25;

  /**
   * No source is beyond suspicion: it may begin to keep what it makes. Who makes most would else be
   * charged for most of what others begin to keep.
   */
  private static final double LEAST = 0.0001;

  /**
   * What a process that starts keeps of what it allocates for its own classes and what they set up:
   * 3.3 of 18.3 MB, where the application is small.
   */
  private static final double STARTING = 0.25;

  private final double[] rates;
  private boolean any;

  /**
   * Has seen no collection.
   *
   * @param sources how many; the last is nobody's
   */
  Survival(int sources) {
    this.rates = new double[sources];
  }

  /**
   * Shares out what survived.
   *
   * @param made bytes by source, not negative
   * @param survived bytes of all those together that a collection left, not more than their sum
   * @return the share of each source's that is believed to have survived, from 0 to 1; what was made by
   *     those shares is {@code survived}
   */
  double[] shares(double[] made, double survived) {
    if (any) {
      learn(made, survived);
      return share(made, survived);
    }
    any = true;
    double[] shares = first(made, survived);
    for (int i = 0; i < made.length; i++) {
      rates[i] = Math.max(LEAST, shares[i]);
    }
    return shares;
  }

  /**
   * Before anything is known: nobody keeps a quarter of what it made, as far as there is that much, and
   * the engines all that is left, alike, as far as they made it. What is wrongly believed to be an
   * engine's then would be for good, and what is wrongly believed to be nobody's as well.
   */
  private static double[] first(double[] made, double survived) {
    int nobody = made.length - 1;
    double engines = Arrays.stream(made, 0, nobody).sum();
    double theirs = Math.clamp(survived - STARTING * made[nobody], 0, engines);
    double[] shares = new double[made.length];
    Arrays.fill(shares, engines == 0 ? 0 : theirs / engines);
    shares[nobody] = made[nobody] == 0 ? 0 : Math.min(1, (survived - theirs) / made[nobody]);
    return shares;
  }

  private double[] share(double[] made, double survived) {
    double[] shares = rates.clone();
    boolean[] whole = new boolean[made.length];
    double left = survived;
    // What is scaled above 1 is 1, and the others have to make up for that: each round settles one.
    for (int round = 0; round < made.length; round++) {
      double expected = 0;
      for (int i = 0; i < made.length; i++) {
        expected += whole[i] ? 0 : rates[i] * made[i];
      }
      double scale = expected == 0 ? 0 : left / expected;
      boolean again = false;
      for (int i = 0; i < made.length; i++) {
        if (!whole[i]) {
          shares[i] = rates[i] * scale;
          if (shares[i] >= 1) {
            shares[i] = 1;
            whole[i] = true;
            left -= made[i];
            again = true;
          }
        }
      }
      if (!again) {
        break;
      }
      left = Math.max(0, left);
    }
    return shares;
  }

  private void learn(double[] made, double survived) {
    double all = Arrays.stream(made).sum();
    if (all == 0) {
      return;
    }
    double expected = 0;
    double power = 0;
    for (int i = 0; i < made.length; i++) {
      expected += rates[i] * made[i];
      power += made[i] * made[i];
    }
    double gain = STEP * (survived - expected) / power;
    for (int i = 0; i < made.length; i++) {
      rates[i] = Math.clamp(rates[i] + gain * made[i], LEAST, 1);
    }
  }
}
