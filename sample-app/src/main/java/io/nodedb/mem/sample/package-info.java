/**
 * A small multi-engine database in one JVM, and the {@code ./demo} that runs it: every engine is a
 * real one, does its real job and checks its answers, so that a run under the agent shows what the
 * budgets do, and a run without it shows what they prevent.
 */
package io.nodedb.mem.sample;
