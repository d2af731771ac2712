package io.nodedb.mem.instrument;

import io.nodedb.mem.BreachMode;

/**
 * A scope as somebody asked for it, by annotation or by rule.
 *
 * @param engine the engine's name
 * @param mode what a breach does, {@link BreachMode#INHERIT} as the engine's
 * @param perCall bytes for one outermost call, 0 for no bound of its own
 * @param pin whether the thread is pinned to the engine's native arena
 */
public record ScopeSpec(String engine, BreachMode mode, long perCall, boolean pin) {}
