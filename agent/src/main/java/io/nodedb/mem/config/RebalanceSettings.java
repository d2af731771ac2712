package io.nodedb.mem.config;

import io.nodedb.mem.governor.WorkloadHint;

/**
 * How idle budget moves between engines.
 *
 * @param enabled whether it does on its own
 * @param intervalNanos time between two rounds, more than 0
 * @param step the most that one round moves, as a fraction of the ceiling, in (0, 1]
 * @param hint the work to expect
 */
public record RebalanceSettings(
    boolean enabled, long intervalNanos, double step, WorkloadHint hint) {}
