/** The bounded way from the clients' threads to the engines' threads. */
package io.nodedb.mem.sample.bridge;
