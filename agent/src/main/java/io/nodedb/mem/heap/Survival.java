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

  /** No source is beyond suspicion: it may begin to keep what it makes. */
  private static final double LEAST = 0.01;

  private static final double NEXT_TO_NOTHING = 1e-6;

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
    boolean first = !any;
    if (first) {
      expectNothing();
    } else {
      learn(made, survived);
    }
    double[] shares = share(made, survived);
    if (first) {
      for (int i = 0; i < made.length; i++) {
        rates[i] = made[i] == 0 ? rates[i] : Math.max(LEAST, shares[i]);
      }
    }
    return shares;
  }

  /**
   * Before anything is known the last source, which is nobody's, is believed to keep all and the others
   * nothing, as far as the sum allows: a process that starts keeps its classes and what they set up, and
   * what is wrongly believed to be an engine's then would be for good.
   */
  private void expectNothing() {
    any = true;
    Arrays.fill(rates, NEXT_TO_NOTHING);
    rates[rates.length - 1] = 1;
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
