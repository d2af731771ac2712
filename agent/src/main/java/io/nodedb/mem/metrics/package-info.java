/**
 * Budgets as metrics: a Dropwizard registry, shown through JMX and, if a port is set, to Prometheus.
 * The sole user of both libraries.
 */
package io.nodedb.mem.metrics;
