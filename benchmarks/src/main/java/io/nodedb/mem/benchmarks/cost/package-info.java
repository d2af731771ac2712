/** What the agent costs real libraries, in child JVMs that take turns; beside two rivals. */
package io.nodedb.mem.benchmarks.cost;
