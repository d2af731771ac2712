package io.nodedb.mem.agent;

import java.lang.instrument.Instrumentation;

/** Entry points of the agent. Hands over to the runtime in a loader of its own. */
public final class NodedbMemAgent {
  private static final String BOOTSTRAP = "io.nodedb.mem.runtime.Bootstrap";

  private NodedbMemAgent() {}

  /**
   * Starts with the JVM. A configuration that is refused ends the process with one line and status
   * 1, as the operator asked for budgets that cannot be had; any other failure leaves the
   * application to run without budgets, and says so in one line.
   *
   * @param arguments what stands behind {@code -javaagent:JAR=}; may be null
   * @param instrumentation the JVM's
   */
  public static void premain(String arguments, Instrumentation instrumentation) {
    String refusal = start(arguments, instrumentation, false);
    if (refusal != null) {
      System.err.println("nodedb-mem: " + refusal);
      System.exit(1);
    }
  }

  /**
   * Starts in a JVM that is running. A configuration that is refused leaves the application as it
   * is; the tool that attaches is told.
   *
   * @param arguments the agent's arguments; may be null
   * @param instrumentation the JVM's
   */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    String refusal = start(arguments, instrumentation, true);
    if (refusal != null) {
      System.err.println("nodedb-mem: " + refusal);
      throw new IllegalArgumentException(refusal);
    }
  }

  private static String start(String arguments, Instrumentation instrumentation, boolean attached) {
    try {
      RuntimeModule runtime = RuntimeModule.of(NodedbMemAgent.class, instrumentation);
      Object refusal =
          runtime
              .entry(BOOTSTRAP)
              .apply(
                  new Object[] {arguments, instrumentation, attached, runtime.bootClasses()});
      runtime.started();
      return (String) refusal;
    } catch (Throwable t) { // Whatever it is, the application must start.
      System.err.println(
          "nodedb-mem: not started, the application runs without budgets: " + t);
      return null;
    }
  }
}
