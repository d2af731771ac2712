package io.nodedb.mem.instrument;

/**
 * A scope as instrumented code names it.
 *
 * @param site whether it is a site, with a mode or a budget for the call, or a plain engine
 * @param id the site's or the engine's number
 * @param pin whether the thread is pinned to the engine's native arena
 */
record ResolvedScope(boolean site, int id, boolean pin) {}
