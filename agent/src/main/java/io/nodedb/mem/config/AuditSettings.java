package io.nodedb.mem.config;

/**
 * The comparison of ledgers with what they stand for.
 *
 * @param intervalNanos time between two audits; 0 for none
 */
public record AuditSettings(long intervalNanos) {}
