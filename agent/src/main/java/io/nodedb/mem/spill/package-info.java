/**
 * Spilling: asks engines' handlers for memory when use passes a threshold, or when a request meets a
 * bound, and offers it back when there is room. {@link io.nodedb.mem.spill.Spilling} is the way in.
 */
package io.nodedb.mem.spill;
