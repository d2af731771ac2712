/**
 * The heap ledger: which engine's objects are alive. Samples of allocations tracked by weak
 * references where the JVM can be asked for them.
 */
package io.nodedb.mem.heap;
