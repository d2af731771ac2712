package io.nodedb.mem.governor;

/**
 * How idle budget moves.
 *
 * @param enabled whether it does on its own
 * @param intervalNanos time between two rounds
 * @param step the most that one round lends, as a share of the ceiling
 * @param hint the work to expect at first
 */
public record RebalanceSpec(
    boolean enabled, long intervalNanos, double step, WorkloadHint hint) {

  /** Limits stay where they are set. */
  public static final RebalanceSpec OFF =
      new RebalanceSpec(false, 1_000_000_000L, 0.05, WorkloadHint.AUTO);
}
