package io.nodedb.mem.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.resident.ResidentProbe;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsViewTest {
  private static final long MIB = 1 << 20;
  private static final NativeSnapshot NATIVES =
      new NativeSnapshot(
          "of a test",
          true,
          true,
          new ArenaFigures(600, 800, 1000, 2000, 200, 50, 7),
          List.of(
              new NativeSnapshot.EngineFigures(
                  "query", 25, 5, List.of(3), new ArenaFigures(30, 40, 50, 60, 10, 5, 1))));

  private final Governor governor =
      Budgets.ceiling(100 * MIB).heapCeiling(80 * MIB).engine("query", 40 * MIB).governor();

  private final MBeanServer server = MBeanServerFactory.newMBeanServer();
  private final AtomicLong clock = new AtomicLong();
  private final MetricsView view =
      new MetricsView(
          governor,
          governor::snapshot,
          new ResidentProbe()::read,
          () -> NATIVES,
          clock::get);

  @AfterEach
  void close() {
    view.close();
    governor.stop();
  }

  private Object gauge(String name) {
    clock.addAndGet(1_000_000_000);
    return view.registry().getGauges().get(name).getValue();
  }

  private void breach() {
    assertThatThrownBy(() -> governor.reserve("query", 99 * MIB))
        .isInstanceOf(BudgetExceededException.class);
  }

  @Test
  void gaugesFollowTheBudgets() {
    governor.charge("query", 30 * MIB);
    assertThat(gauge("engine.query.used")).isEqualTo(30 * MIB);
    assertThat(gauge("engine.query.reserved")).isEqualTo(30 * MIB);
    assertThat(gauge("engine.query.utilization")).isEqualTo(75.0);
    assertThat(gauge("engine.query.pressure")).isEqualTo(1);
    assertThat(gauge("process.used")).isEqualTo(30 * MIB);
    assertThat(gauge("process.ceiling")).isEqualTo(100 * MIB);
    governor.release("query", 30 * MIB);
    assertThat(gauge("engine.query.used")).isEqualTo(0L);
    assertThat(gauge("engine.query.peak")).isEqualTo(30 * MIB);
  }

  @Test
  void allocatorsFiguresAreThereForTheProcessAndEachEngine() {
    assertThat(gauge("process.native-allocated")).isEqualTo(600L);
    assertThat(gauge("process.native-active")).isEqualTo(800L);
    assertThat(gauge("process.native-resident")).isEqualTo(1000L);
    assertThat(gauge("process.native-mapped")).isEqualTo(2000L);
    assertThat(gauge("process.native-dirty")).isEqualTo(200L);
    assertThat(gauge("process.native-retained")).isEqualTo(50L);
    assertThat(gauge("process.native-fragmentation")).isEqualTo(25.0);
    assertThat(gauge("engine.query.native-allocated")).isEqualTo(30L);
    assertThat(gauge("engine.query.native-dirty")).isEqualTo(10L);
  }

  @Test
  void refusalsAreMeteredAndTimed() {
    breach();
    breach();
    assertThat(view.registry().meter("engine.query.rejections").getCount()).isEqualTo(2);
    assertThat(view.registry().timer("engine.query.wait").getCount()).isEqualTo(2);
  }

  @Test
  void registryIsShownThroughJmxUntilClosed() throws Exception {
    ObjectName all = new ObjectName("io.nodedb.mem.metrics:*");
    assertThat(server.queryNames(all, null)).isEmpty();
    view.show(server);
    assertThat(server.queryNames(all, null)).hasSameSizeAs(view.registry().getMetrics().keySet());
    governor.charge("query", MIB);
    assertThat(
            server.getAttribute(
                new ObjectName("io.nodedb.mem.metrics:name=engine.query.used,type=gauges"),
                "Value"))
        .isEqualTo(MIB);
    view.close();
    assertThat(server.queryNames(all, null)).isEmpty();
  }

  @Test
  void prometheusReadsTheSameFigures() throws Exception {
    governor.charge("query", 30 * MIB);
    breach();
    try (PrometheusEndpoint endpoint = new PrometheusEndpoint(view, "127.0.0.1", 0);
        HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics");
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body().lines())
          .contains("engine_query_used " + (double) (30 * MIB), "engine_query_rejections_total 1.0")
          .anyMatch(line -> line.startsWith("process_rss "));
    }
  }

  @Test
  void portInUseIsRefused() throws Exception {
    try (PrometheusEndpoint first = new PrometheusEndpoint(view, "127.0.0.1", 0)) {
      assertThatThrownBy(() -> new PrometheusEndpoint(view, "127.0.0.1", first.port()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use");
    }
  }
}
