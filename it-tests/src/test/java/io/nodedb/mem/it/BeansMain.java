package io.nodedb.mem.it;

import java.lang.management.ManagementFactory;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/**
 * Asks for the platform's bean server once: when the agent has long been up, or with the argument
 * {@code early} before its first second is over.
 */
final class BeansMain {
  private BeansMain() {}

  public static void main(String[] args) throws Exception {
    boolean early = args.length > 0;
    MBeanServer server = early ? ManagementFactory.getPlatformMBeanServer() : null;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("nodedb-mem-views")) {
        thread.join();
      }
    }
    System.out.println("servers=" + MBeanServerFactory.findMBeanServer(null).size());
    if (!early) {
      server = ManagementFactory.getPlatformMBeanServer();
    }
    System.out.println(
        "registered="
            + server.isRegistered(new ObjectName("io.nodedb.mem:type=EngineBudget,engine=query")));
  }
}
