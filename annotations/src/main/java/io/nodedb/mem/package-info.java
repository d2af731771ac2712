/**
 * The API of nodedb-mem. Everything here works without the agent: scopes do nothing, budgets are
 * unlimited, nothing is counted. With the agent the same calls are governed.
 *
 * <p>All sizes are bytes ({@code long}), all times nanoseconds unless a name says otherwise.
 */
package io.nodedb.mem;
