package io.nodedb.mem.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.WorkloadHint;
import io.nodedb.mem.resident.ResidentProbe;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMX;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The beans as a client sees them. */
class JmxViewTest {
  private static final long MIB = 1 << 20;

  private final Governor governor =
      Budgets.ceiling(100 * MIB)
          .heapCeiling(80 * MIB)
          .engine("query", 40 * MIB, 5 * MIB, BreachMode.REJECT, Duration.ZERO)
          .engine("vector", 50 * MIB, 0, BreachMode.WAIT, Duration.ZERO)
          .governor();

  private final MBeanServer server = MBeanServerFactory.newMBeanServer();
  private final LinkedBlockingQueue<Notification> heard = new LinkedBlockingQueue<>();
  private ObjectName process;
  private ObjectName query;
  private JmxView view;

  @BeforeEach
  void register() throws Exception {
    process = new ObjectName("io.nodedb.mem:type=MemoryGovernor");
    query = new ObjectName("io.nodedb.mem:type=EngineBudget,engine=query");
    view = open();
  }

  private JmxView open() throws Exception {
    return new JmxView(
        server, governor, governor::snapshot, new ResidentProbe()::read, () -> "sampled");
  }

  @AfterEach
  void close() {
    view.close();
    governor.stop();
  }

  @Test
  void engineAttributesShowItsFigures() throws Exception {
    governor.charge("query", 10 * MIB);
    governor.release("query", MIB);
    governor.release("query", 100 * MIB);
    governor.charge("query", 30 * MIB);
    Map<String, Object> shown = read(query);
    assertThat(shown)
        .containsEntry("Limit", 40 * MIB)
        .containsEntry("Min", 5 * MIB)
        .containsEntry("Used", 30 * MIB)
        .containsEntry("Heap", 0L)
        .containsEntry("Native", 0L)
        .containsEntry("Mapped", 0L)
        .containsEntry("Reserved", 30 * MIB)
        .containsEntry("Peak", 30 * MIB)
        .containsEntry("Allocated", 0L)
        .containsEntry("UtilizationPercent", 75.0)
        .containsEntry("Pressure", "WARNING")
        .containsEntry("RejectionCount", 0L)
        .containsEntry("OverReleaseCount", 1L)
        .containsEntry("Mode", "reject");
  }

  @Test
  void processAttributesAddUp() throws Exception {
    governor.charge("query", MIB);
    governor.charge("vector", 2 * MIB);
    assertThatThrownBy(() -> governor.reserve("query", 99 * MIB));
    Map<String, Object> shown = read(process);
    assertThat(shown)
        .containsEntry("Ceiling", 100 * MIB)
        .containsEntry("HeapCeiling", 80 * MIB)
        .containsEntry("Used", 3 * MIB)
        .containsEntry("Peak", 3 * MIB)
        .containsEntry("Pressure", "NORMAL")
        .containsEntry("RejectionCount", 1L)
        .containsEntry("OverReleaseCount", 0L)
        .containsEntry("HeapAccounting", "sampled");
    assertThat((Long) shown.get("Rss")).isNotZero();
  }

  @Test
  void budgetIsLentUnderAHintThatIsSetLive() throws Exception {
    view.close();
    Governor lending =
        Budgets.ceiling(100 * MIB)
            .heapCeiling(80 * MIB)
            .engine("query", 40 * MIB)
            .engine("vector", 60 * MIB)
            .rebalancing(Duration.ofNanos(1), 0.05, WorkloadHint.AUTO)
            .clock(() -> 0)
            .governor();
    view =
        new JmxView(server, lending, lending::snapshot, new ResidentProbe()::read, () -> "sampled");
    lending.reserve("query", 30 * MIB);
    for (int round = 0; round < 3; round++) {
      assertThat(server.invoke(process, "rebalance", null, null)).isEqualTo(0);
    }
    assertThat(read(process))
        .containsEntry("WorkloadHint", "auto")
        .containsEntry("RebalanceCount", 0L);
    server.setAttribute(process, new Attribute("WorkloadHint", "query-heavy"));
    for (int round = 0; round < 3; round++) {
      server.invoke(process, "rebalance", null, null);
    }
    assertThat(read(process))
        .containsEntry("WorkloadHint", "query-heavy")
        .containsEntry("RebalanceCount", 1L);
    assertThat(read(query))
        .containsEntry("Limit", 45 * MIB)
        .containsEntry("BaseLimit", 40 * MIB);
    assertThatThrownBy(
            () -> server.setAttribute(process, new Attribute("WorkloadHint", "whatever")))
        .hasRootCauseMessage(
            "rebalance.hint: whatever (expected: auto, bulk-ingestion, query-heavy, mixed or"
                + " memory-constrained)");
  }

  @Test
  void attributesReadTogetherAreOfOneReading() {
    Readings<GovernorSnapshot> readings = new Readings<>(governor::snapshot);
    long seen =
        readings.together(
            () -> {
              governor.charge("query", MIB);
              return readings.all().used();
            });
    assertThat(seen).isZero();
    assertThat(readings.all().used()).isEqualTo(MIB);
  }

  @Test
  void limitAndModeAreChangedByAClientAndWrongOnesExplained() throws Exception {
    JMXConnectorServer connectors =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("service:jmx:rmi://"), null, server);
    connectors.start();
    try (JMXConnector client = JMXConnectorFactory.connect(connectors.getAddress())) {
      var connection = client.getMBeanServerConnection();
      connection.setAttribute(query, new Attribute("Limit", 45 * MIB));
      connection.setAttribute(query, new Attribute("Mode", "observe"));
      assertThat(governor.engine("query").limit()).isEqualTo(45 * MIB);
      assertThat(governor.engine("query").mode()).isEqualTo(BreachMode.OBSERVE);

      MemoryGovernorMXBean bean =
          JMX.newMXBeanProxy(connection, process, MemoryGovernorMXBean.class);
      bean.setEngineLimit("query", 30 * MIB);
      assertThat(governor.engine("query").limit()).isEqualTo(30 * MIB);
      assertThatThrownBy(() -> bean.setEngineLimit("query", 51 * MIB))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at most " + 50 * MIB);
      assertThatThrownBy(() -> bean.setEngineLimit("nobody", MIB))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nobody")
          .hasMessageContaining("query");
      EngineBudgetMXBean engine = JMX.newMXBeanProxy(connection, query, EngineBudgetMXBean.class);
      assertThatThrownBy(() -> engine.setMode("inherit"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("engines.query.mode: inherit");
      assertThatThrownBy(() -> engine.setLimit(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThat(governor.engine("query").limit()).isEqualTo(30 * MIB);
    } finally {
      connectors.stop();
    }
  }

  @Test
  void transitionIsNotifiedByTheEngineAndTheProcess() throws Exception {
    server.addNotificationListener(query, (n, back) -> heard.add(n), null, null);
    server.addNotificationListener(process, (n, back) -> heard.add(n), null, null);
    governor.charge("query", 30 * MIB);
    assertThat(governor.snapshot().engines().getFirst().pressure().name()).isEqualTo("WARNING");
    Notification first = heard.poll(1, TimeUnit.MINUTES);
    Notification second = heard.poll(1, TimeUnit.MINUTES);
    assertThat(Stream.of(first, second).map(Notification::getSource))
        .containsExactlyInAnyOrder(query, process);
    assertThat(first.getType()).isEqualTo(PressureNotifications.TYPE);
    assertThat(first.getMessage()).contains("query").contains("NORMAL -> WARNING");
    CompositeData data = (CompositeData) first.getUserData();
    assertThat(data.get("engine")).isEqualTo("query");
    assertThat(data.get("used")).isEqualTo(30 * MIB);
    assertThat(data.get("limit")).isEqualTo(40 * MIB);
  }

  @Test
  void everythingIsDescribed() throws Exception {
    for (ObjectName name : Set.of(process, query)) {
      MBeanInfo info = server.getMBeanInfo(name);
      assertThat(info.getDescription()).contains(" ");
      assertThat(info.getNotifications()).hasSize(1);
      assertThat(info.getAttributes())
          .isNotEmpty()
          .allSatisfy(a -> assertThat(a.getDescription()).contains(" "));
    }
    var operations = server.getMBeanInfo(process).getOperations();
    assertThat(operations).allSatisfy(o -> assertThat(o.getDescription()).contains(" "));
    var operation =
        Arrays.stream(operations)
            .filter(o -> o.getName().equals("setEngineLimit"))
            .findFirst()
            .orElseThrow();
    assertThat(operation.getDescription()).contains("limit");
    assertThat(operation.getSignature()[0].getName()).isEqualTo("engine");
    assertThat(operation.getSignature()[1].getDescription()).contains("bytes");
  }

  @Test
  void closingUnregistersWhatWasRegistered() throws Exception {
    view.close();
    assertThat(server.queryNames(new ObjectName("io.nodedb.mem:*"), null)).isEmpty();
  }

  @Test
  void nothingStaysBehindWhenANameIsTaken() throws Exception {
    view.close();
    server.registerMBean(
        new DescribedBean(
            new EngineBean(governor, governor.engine("vector"), new Readings<>(governor::snapshot)),
            EngineBudgetMXBean.class,
            new PressureNotifications(query),
            new Readings<>(governor::snapshot)),
        query);
    assertThatThrownBy(this::open).isInstanceOf(InstanceAlreadyExistsException.class);
    assertThat(server.queryNames(new ObjectName("io.nodedb.mem:*"), null)).containsExactly(query);
  }

  private Map<String, Object> read(ObjectName name) throws Exception {
    String[] names =
        Arrays.stream(server.getMBeanInfo(name).getAttributes())
            .map(MBeanAttributeInfo::getName)
            .toArray(String[]::new);
    Map<String, Object> values = new TreeMap<>();
    server.getAttributes(name, names).asList().forEach(a -> values.put(a.getName(), a.getValue()));
    assertThat(values).hasSize(names.length);
    return values;
  }
}
