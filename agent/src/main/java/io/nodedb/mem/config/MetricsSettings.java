package io.nodedb.mem.config;

/**
 * Metrics over HTTP, for Prometheus.
 *
 * @param port 0 for none, else the port to listen on
 * @param host the address to listen on, loopback unless told otherwise
 */
public record MetricsSettings(int port, String host) {}
