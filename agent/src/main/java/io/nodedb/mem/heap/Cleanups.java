package io.nodedb.mem.heap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Where matched classes clean up: what is refused there would leave a lock held or a file open, for
 * ever, as an asynchronous exception would (the reason why Thread.stop is gone). Thread-safe; holds no
 * class loader.
 */
public final class Cleanups {
  private final Map<ClassLoader, Map<String, int[]>> lines = new WeakHashMap<>();

  /**
   * Takes note of a class.
   *
   * @param loader its loader, null for the bootstrap loader
   * @param className its binary name
   * @param ofSource lines that only clean up, in ascending order
   */
  public synchronized void add(ClassLoader loader, String className, int[] ofSource) {
    lines.computeIfAbsent(loader, l -> new HashMap<>()).put(className, ofSource);
  }

  /** Whether a frame is at such a line. */
  boolean at(StackWalker.StackFrame frame) {
    return at(
        frame.getDeclaringClass().getClassLoader(), frame.getClassName(), frame.getLineNumber());
  }

  synchronized boolean at(ClassLoader loader, String className, int line) {
    Map<String, int[]> ofLoader = lines.get(loader);
    int[] known = ofLoader == null ? null : ofLoader.get(className);
    return known != null && Arrays.binarySearch(known, line) >= 0;
  }
}
