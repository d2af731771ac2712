/**
 * Wiring: what is made in which order, what is closed in which. Reached from {@code agent} only;
 * nothing imports it.
 */
package io.nodedb.mem.runtime;
