package io.nodedb.mem.it;

import java.lang.management.ManagementFactory;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/** Asks for the platform's bean server for the first time when the agent has long been up. */
final class BeansMain {
  private BeansMain() {}

  public static void main(String[] args) throws Exception {
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
