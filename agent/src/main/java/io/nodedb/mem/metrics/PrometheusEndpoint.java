package io.nodedb.mem.metrics;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.instrumentation.dropwizard.DropwizardExports;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;

/** Metrics over HTTP, in Prometheus' text formats, at {@code /metrics}. */
public final class PrometheusEndpoint implements AutoCloseable {
  private final HTTPServer server;

  /**
   * Listens, and answers on daemon threads.
   *
   * @param metrics what to show
   * @param host the address to listen on
   * @param port the port; 0 for any that is free
   * @throws IOException if the port is in use, or the address is not this machine's
   */
  public PrometheusEndpoint(MetricsView metrics, String host, int port) throws IOException {
    // Not the library's default registry: nothing else is to be shown here.
    PrometheusRegistry registry = new PrometheusRegistry();
    DropwizardExports.builder().dropwizardRegistry(metrics.registry()).register(registry);
    server = HTTPServer.builder().hostname(host).port(port).registry(registry).buildAndStart();
  }

  /**
   * The port in use.
   *
   * @return the port
   */
  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.close();
  }
}
