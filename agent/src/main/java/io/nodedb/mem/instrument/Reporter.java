package io.nodedb.mem.instrument;

/** Told of what could not be instrumented. Thread-safe; called while classes load, so brief. */
public interface Reporter {
  /**
   * A class stays as it is.
   *
   * @param className its dotted name
   * @param loader the class loader, may be null
   * @param reason one line
   */
  void uninstrumented(String className, ClassLoader loader, String reason);

  /**
   * A method stays as it is, the rest of its class does not.
   *
   * @param className its class's dotted name
   * @param loader the class loader, may be null
   * @param method its name and descriptor
   * @param reason one line
   */
  void uninstrumentedMethod(String className, ClassLoader loader, String method, String reason);
}
