package io.nodedb.mem.instrument;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Reports each problem once, as one line. Remembers a bounded number of them: past {@link #LIMIT} it
 * says so and falls silent, as a class that fails in a thousand loaders must not fill a log. Keeps
 * no class and no loader alive.
 */
public final class LineReporter implements Reporter {
  private static final int LIMIT = 200;

  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final Consumer<String> out;

  /**
   * A reporter of its own memory.
   *
   * @param out told of each line
   */
  public LineReporter(Consumer<String> out) {
    this.out = out;
  }

  /**
   * The default.
   *
   * @return a reporter to the standard error stream
   */
  public static LineReporter toStderr() {
    return new LineReporter(System.err::println);
  }

  @Override
  public void uninstrumented(String className, ClassLoader loader, String reason) {
    report(
        "class " + className + " stays uninstrumented: " + reason,
        loader);
  }

  @Override
  public void uninstrumentedMethod(
      String className, ClassLoader loader, String method, String reason) {
    report("method " + className + '.' + method + " stays uninstrumented: " + reason, loader);
  }

  private void report(String problem, ClassLoader loader) {
    if (seen.size() > LIMIT || !seen.add(problem + System.identityHashCode(loader))) {
      return;
    }
    out.accept("nodedb-mem: " + problem + " (loader: " + describe(loader) + ")");
    if (seen.size() == LIMIT) {
      seen.add("");
      out.accept("nodedb-mem: further classes that stay uninstrumented are not reported");
    }
  }

  /** Of the loader's own methods only a final one is called: it may be in the middle of a load. */
  private static String describe(ClassLoader loader) {
    if (loader == null) {
      return "boot";
    }
    var name = loader.getName();
    return name != null ? name : loader.getClass().getName();
  }
}
