/** The demo as a proof: long runs within bounds, and what a storm costs the engines beside it. */
package io.nodedb.mem.benchmarks.proof;
