/** Keeps what the process really occupies within the ceiling, whatever the ledgers say. */
package io.nodedb.mem.guard;
