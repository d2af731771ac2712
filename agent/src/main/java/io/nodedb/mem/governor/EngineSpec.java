package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;

/**
 * An engine as configured.
 *
 * @param name its name
 * @param limit bytes it may use
 * @param min bytes that rebalancing leaves it
 * @param mode what a breach does; not {@link BreachMode#INHERIT}
 * @param waitNanos how long {@link BreachMode#WAIT} waits, in nanoseconds
 */
public record EngineSpec(String name, long limit, long min, BreachMode mode, long waitNanos) {}
