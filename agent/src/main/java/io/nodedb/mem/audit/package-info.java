/**
 * Compares ledgers with what can be measured independently of them. Above the packages whose figures
 * it compares, which do not know one another.
 */
package io.nodedb.mem.audit;
