package io.nodedb.mem.guard;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Has the C library give back free pages of its heap, which it else keeps wherever a block behind them
 * is in use. The JVM has a command for it, where the library is glibc. Confined to one thread.
 */
final class LibcTrim {
  private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";
  private static final String TRIM = "systemTrimNativeHeap";

  private boolean impossible;

  /** Whether there was a heap to trim. */
  boolean run() {
    if (impossible) {
      return false;
    }
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(new ObjectName(COMMANDS), TRIM, new Object[0], new String[0]);
      return true;
    } catch (JMException | RuntimeException e) {
      // Another C library, or a JVM without the command: it will not come.
      impossible = true;
      return false;
    }
  }
}
