package io.nodedb.mem.config;

import io.nodedb.mem.BreachMode;

/**
 * One engine's budget.
 *
 * @param name the engine, {@code [a-z][a-z0-9_-]*}
 * @param limit bytes, 1 or more; over all engines they add up to no more than the ceiling
 * @param min bytes that rebalancing never lends away, from 0 to {@code limit}
 * @param mode what a breach does; never {@link BreachMode#INHERIT}
 * @param waitTimeoutNanos how long a request waits in mode {@link BreachMode#WAIT}
 */
public record EngineSettings(
    String name, long limit, long min, BreachMode mode, long waitTimeoutNanos) {}
