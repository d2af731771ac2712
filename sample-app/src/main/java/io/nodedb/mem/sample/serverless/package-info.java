/** A writer process that ends, and a reader process that starts at once on what it left. */
package io.nodedb.mem.sample.serverless;
