/** The command line: what can be asked of files that the agent wrote. */
package io.nodedb.mem.report;
