/** Nearest neighbour search: Lucene's HNSW graphs. */
package io.nodedb.mem.sample.vector;
