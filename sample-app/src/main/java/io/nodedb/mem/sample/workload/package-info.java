/** The clients: what runs against the engines, for how long, and how it is judged. */
package io.nodedb.mem.sample.workload;
