/** How well the heap ledger knows what is live, against a heap walk. */
package io.nodedb.mem.benchmarks.accuracy;
