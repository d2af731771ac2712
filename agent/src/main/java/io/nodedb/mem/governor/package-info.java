/**
 * Budgets: admission, leases, pressure. Knows none of the other packages; ledgers feed it through
 * {@link io.nodedb.mem.governor.Account}, views hear of it through listeners.
 */
package io.nodedb.mem.governor;
