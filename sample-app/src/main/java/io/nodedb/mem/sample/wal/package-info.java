/** The write-ahead log. */
package io.nodedb.mem.sample.wal;
