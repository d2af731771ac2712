package io.nodedb.mem.guard;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Asks for a collection after which the JVM gives free heap back to the system. Confined to one
 * thread.
 *
 * <p>How much heap a collector keeps free is told by two flags that can be changed while the JVM runs
 * (G1, Parallel and Serial go by them). They are lowered for the collection and set back when the
 * process is calm again, as a concurrent collection ends later than it is asked for. Where the flags
 * cannot be changed a collection is asked for all the same.
 */
final class HeapReturn {
  private static final String LEAST = "MinHeapFreeRatio";
  private static final String MOST = "MaxHeapFreeRatio";
  private static final String TIGHT_LEAST = "5";
  private static final String TIGHT_MOST = "15";

  private final Runnable collector;
  private String least;
  private String most;

  HeapReturn(Runnable collector) {
    this.collector = collector;
  }

  /** Always worth asking: what is garbage, a collection alone can tell. */
  boolean run() {
    tighten();
    collector.run();
    return true;
  }

  /** Sets back what was changed. */
  void relax() {
    if (least != null) {
      // In this order: the one may never pass the other.
      set(MOST, most);
      set(LEAST, least);
      least = null;
    }
  }

  private void tighten() {
    HotSpotDiagnosticMXBean vm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (least != null || vm == null) {
      return;
    }
    try {
      String before = vm.getVMOption(LEAST).getValue();
      most = vm.getVMOption(MOST).getValue();
      least = before;
      set(LEAST, TIGHT_LEAST);
      set(MOST, TIGHT_MOST);
    } catch (IllegalArgumentException e) {
      least = null;
    }
  }

  private static void set(String flag, String value) {
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).setVMOption(flag, value);
    } catch (IllegalArgumentException e) {
      // Not with this collector: it keeps what it keeps.
      return;
    }
  }
}
