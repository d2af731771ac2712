package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.tools.attach.VirtualMachine;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Reservation;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.management.Attribute;
import javax.management.MBeanServerConnection;
import javax.management.MBeanServerNotification;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.Test;

/** A plain JMX client beside a governed JVM that works. */
class JmxIT {
  private static final long MIB = 1 << 20;

  /** Reserves and gives back what it is told to, a line at a time. */
  static final class Worker {
    private Worker() {}

    @EngineBudget(Engines.QUERY)
    private static byte[] keep(int bytes) {
      return new byte[bytes];
    }

    public static void main(String[] args) throws Exception {
      List<Reservation> held = new ArrayList<>();
      byte[] kept = keep(1 << 20);
      System.out.println("ready=" + kept.length);
      try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          try {
            held.add(MemoryGovernor.get().reserve(Engines.QUERY, Long.parseLong(line)));
            System.out.println("granted=" + line);
          } catch (BudgetExceededException e) {
            System.out.println("refused=" + line);
          }
        }
      }
    }
  }

  @Test
  void clientReadsFiguresChangesALimitAndHearsOfPressure() throws Exception {
    Process child =
        ChildJvm.running(Worker.class)
            // The limit that a client reads, meets and sets: nothing else may move it meanwhile.
            .agent("ceiling=700MiB,engines.query.limit=64MiB,rebalance.enabled=false")
            .start(ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.DISCARD);
    try (BufferedReader out = child.inputReader();
        PrintWriter in = new PrintWriter(child.outputWriter(), true)) {
      assertThat(out.readLine()).startsWith("ready=");
      VirtualMachine vm = VirtualMachine.attach(Long.toString(child.pid()));
      String address = vm.startLocalManagementAgent();
      vm.detach();
      try (JMXConnector client = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
        MBeanServerConnection server = client.getMBeanServerConnection();
        ObjectName query = new ObjectName("io.nodedb.mem:type=EngineBudget,engine=query");
        awaitRegistered(server, query);
        assertThat(server.getAttribute(query, "Limit")).isEqualTo(64 * MIB);
        assertThat((long) server.getAttribute(query, "Used")).isLessThan(64 * MIB);

        in.println(100 * MIB);
        assertThat(out.readLine()).isEqualTo("refused=" + 100 * MIB);
        assertThat(server.getAttribute(query, "RejectionCount")).isEqualTo(1L);

        BlockingQueue<Notification> heard = new LinkedBlockingQueue<>();
        server.addNotificationListener(query, (n, handback) -> heard.add(n), null, null);
        // The limits take up the whole ceiling: what one gets, another has to give.
        ObjectName vector = new ObjectName("io.nodedb.mem:type=EngineBudget,engine=vector");
        server.setAttribute(vector, new Attribute("Limit", 32 * MIB));
        server.setAttribute(query, new Attribute("Limit", 112 * MIB));
        in.println(100 * MIB);
        assertThat(out.readLine()).isEqualTo("granted=" + 100 * MIB);
        assertThat((long) server.getAttribute(query, "Reserved")).isEqualTo(100 * MIB);
        assertThat(server.getAttribute(query, "Pressure")).isEqualTo("CRITICAL");
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isNotNull();

        assertThatThrownBy(() -> server.setAttribute(query, new Attribute("Limit", 50 * MIB)))
            .isInstanceOf(RuntimeMBeanException.class)
            .cause()
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("engines.query.limit")
            .hasMessageContaining("what the engine uses now");
        ObjectName governor = new ObjectName("io.nodedb.mem:type=MemoryGovernor");
        assertThat(server.getAttribute(governor, "Ceiling")).isEqualTo(700 * MIB);
        assertThat((long) server.getAttribute(governor, "Rss")).isPositive();
      }
    } finally {
      child.destroy();
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** The agent does not bring the server up, and whoever does finds the beans at once. */
  @Test
  void beansAreThereWhenTheServerIsFirstAskedFor() throws Exception {
    ChildJvm.Result result = ChildJvm.running(BeansMain.class).agent("ceiling=700MiB").run();
    assertThat(result.value("servers")).as(result.all()).isEqualTo("0");
    assertThat(result.value("registered")).as(result.all()).isEqualTo("true");
  }

  /** The JDK tells of it too late then. */
  @Test
  void beansComeToAServerThatIsThereAlready() throws Exception {
    ChildJvm.Result result =
        ChildJvm.running(BeansMain.class, "early").agent("ceiling=700MiB").run();
    assertThat(result.value("servers")).as(result.all()).isEqualTo("1");
    assertThat(result.value("registered")).as(result.all()).isEqualTo("true");
  }

  /** Asked for in the first second, the beans come when it is over. */
  private static void awaitRegistered(MBeanServerConnection server, ObjectName name)
      throws Exception {
    BlockingQueue<Object> registered = new LinkedBlockingQueue<>();
    server.addNotificationListener(
        new ObjectName("JMImplementation:type=MBeanServerDelegate"),
        (n, handback) -> {
          if (n instanceof MBeanServerNotification r && r.getMBeanName().equals(name)) {
            registered.add(r);
          }
        },
        null,
        null);
    if (!server.isRegistered(name)) {
      assertThat(registered.poll(30, TimeUnit.SECONDS)).as(name + " registered").isNotNull();
    }
  }
}
