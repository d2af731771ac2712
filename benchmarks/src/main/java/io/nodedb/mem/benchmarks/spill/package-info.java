/** What spilling takes: the time to the first call, and a GROUP BY far larger than its budget. */
package io.nodedb.mem.benchmarks.spill;
