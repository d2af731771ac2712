/** What a run shows: live figures, the final table, summary.json, and the last word. */
package io.nodedb.mem.sample.report;
