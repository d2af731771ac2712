/** Full-text search: Lucene's inverted index, ranked by BM25. */
package io.nodedb.mem.sample.sparse;
