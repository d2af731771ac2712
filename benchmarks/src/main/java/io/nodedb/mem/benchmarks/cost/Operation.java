package io.nodedb.mem.benchmarks.cost;

import java.util.concurrent.Callable;

/**
 * Something to be timed.
 *
 * @param name as in the table
 * @param body does it; returns a figure that is the same each time
 */
record Operation(String name, Callable<Long> body) {}
