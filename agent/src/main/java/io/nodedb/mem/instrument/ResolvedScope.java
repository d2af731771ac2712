package io.nodedb.mem.instrument;

/**
 * A scope as instrumented code names it.
 *
 * @param site whether it is a site, with a mode or a budget for the call, or a plain engine
 * @param id the site's or the engine's number
 */
record ResolvedScope(boolean site, int id) {}
