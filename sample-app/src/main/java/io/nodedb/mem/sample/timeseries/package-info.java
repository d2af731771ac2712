/** Time series: Gorilla-compressed memtables that are flushed to segment files. */
package io.nodedb.mem.sample.timeseries;
