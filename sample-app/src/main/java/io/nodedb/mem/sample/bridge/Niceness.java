package io.nodedb.mem.sample.bridge;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Lowers a thread's share of busy processors, as databases do for bulk work. On Linux a nice value
 * belongs to a thread (sched(7)); elsewhere it is the process's, so nothing is done there. Stateless.
 */
final class Niceness {
  /** Of setpriority(2); with 0 for "which" it means the calling thread. */
  private static final int PRIO_PROCESS = 0;

  private static final MethodHandle SET_PRIORITY = find();

  private Niceness() {}

  @SuppressWarnings("restricted")
  private static MethodHandle find() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    return linker.defaultLookup().find("setpriority")
        .map(address -> linker.downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)))
        .orElse(null);
  }

  /**
   * Sets the calling thread's, for good: to undo it needs a privilege.
   *
   * @param nice from 0, which changes nothing, to 19, the least share
   */
  static void set(int nice) {
    if (nice == 0 || SET_PRIORITY == null) {
      return;
    }
    try {
      int failed = (int) SET_PRIORITY.invokeExact(PRIO_PROCESS, 0, nice);
      if (failed != 0) {
        System.err.println("setpriority: nice " + nice + " is refused, the thread keeps what it has");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority: " + e, e);
    }
  }
}
