/** SQL: H2 over TPC-H. */
package io.nodedb.mem.sample.query;
