package io.nodedb.mem.runtime;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;

/**
 * The runtime's first class: defines API and hooks in the boot loader before any class that links
 * to them is loaded, so it names none of these itself.
 */
public final class Bootstrap {
  private static final String MARK = "io.nodedb.mem.agent.started";

  private Bootstrap() {}

  /**
   * Starts the runtime, once in a JVM.
   *
   * @param arguments the agent's arguments; may be null
   * @param instrumentation the JVM's
   * @param attached whether the JVM was running already
   * @return null, or one line on why the configuration is refused
   * @throws Throwable what went wrong otherwise
   */
  public static String start(String arguments, Instrumentation instrumentation, boolean attached)
      throws Throwable {
    if (System.getProperties().putIfAbsent(MARK, "true") != null) {
      return "the agent is in this JVM already (given twice, or attached again)";
    }
    new BootClasses(instrumentation).define();
    try {
      String refusal =
          (String)
              Class.forName("io.nodedb.mem.runtime.AgentRuntime")
                  .getMethod("start", String.class, Instrumentation.class, boolean.class)
                  .invoke(null, arguments, instrumentation, attached);
      if (refusal != null) {
        // Nothing was started; it may be attached again with a better configuration.
        System.clearProperty(MARK);
      }
      return refusal;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
