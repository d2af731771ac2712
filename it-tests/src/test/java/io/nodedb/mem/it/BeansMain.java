package io.nodedb.mem.it;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import java.lang.management.ManagementFactory;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/** Asks for the platform's bean server for the first time when the agent has long been up. */
final class BeansMain {
  private BeansMain() {}

  /** Code with a scope. */
  static final class Engine {
    private Engine() {}

    @EngineBudget(Engines.QUERY)
    static Object run() {
      return new Object();
    }
  }

  public static void main(String[] args) throws Exception {
    Engine.run();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("nodedb-mem-views")) {
        thread.join();
      }
    }
    System.out.println("servers=" + MBeanServerFactory.findMBeanServer(null).size());
    System.out.println(
        "registered="
            + ManagementFactory.getPlatformMBeanServer()
                .isRegistered(new ObjectName("io.nodedb.mem:type=EngineBudget,engine=query")));
  }
}
