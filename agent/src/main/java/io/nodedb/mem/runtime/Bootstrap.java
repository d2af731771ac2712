package io.nodedb.mem.runtime;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The runtime's first class: defines API and hooks in the boot loader before any class that links
 * to them is loaded. It links to the others lazily, as HotSpot resolves a name when it is used.
 */
final class Bootstrap implements Function<Object[], Object> {
  private static final String MARK = "io.nodedb.mem.agent.started";

  static {
    @SuppressWarnings("unchecked")
    Consumer<Object> loader = (Consumer<Object>) Bootstrap.class.getClassLoader();
    loader.accept(new Bootstrap());
  }

  private Bootstrap() {}

  /**
   * Starts the runtime, once in a JVM.
   *
   * @param arguments the agent's arguments, which may be null; the JVM's {@link Instrumentation}; a
   *     {@link Boolean}, whether the JVM was running already; a set of the names of the classes that
   *     the boot loader gets
   * @return null, or one line on why the configuration is refused
   * @throws IllegalStateException if something else went wrong, with its cause
   */
  @Override
  public Object apply(Object[] arguments) {
    if (System.getProperties().putIfAbsent(MARK, "true") != null) {
      return "the agent is in this JVM already (given twice, or attached again)";
    }
    Instrumentation instrumentation = (Instrumentation) arguments[1];
    Surroundings surroundings = Surroundings.look();
    try {
      @SuppressWarnings("unchecked")
      Set<String> boot = (Set<String>) arguments[3];
      new BootClasses(instrumentation, boot).define();
      String refusal =
          AgentRuntime.start(
              (String) arguments[0], instrumentation, (boolean) arguments[2], surroundings);
      if (refusal != null) {
        // Nothing was started; it may be attached again with a better configuration.
        System.clearProperty(MARK);
      }
      return refusal;
    } catch (ReflectiveOperationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
