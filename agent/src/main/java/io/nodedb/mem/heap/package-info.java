/**
 * The heap ledger: which engine's objects occupy the Java heap, and what is done before one is
 * refused. Feeds {@code governor}; is called by instrumented code through {@code hook}, and by the
 * JVM for each sampled allocation.
 */
package io.nodedb.mem.heap;
