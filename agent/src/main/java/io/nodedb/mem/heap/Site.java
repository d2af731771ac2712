package io.nodedb.mem.heap;

import io.nodedb.mem.BreachMode;

/**
 * A scope with a mode or a budget of its own, as written on an annotation or a rule.
 *
 * @param engine the engine's id
 * @param mode what a breach does; {@link BreachMode#INHERIT} for the engine's mode
 * @param perCall bytes that one outermost call may hold; {@link Long#MAX_VALUE} for no bound
 */
record Site(int engine, BreachMode mode, long perCall) {}
