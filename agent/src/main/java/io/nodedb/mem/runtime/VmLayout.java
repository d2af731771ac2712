package io.nodedb.mem.runtime;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** What depends on how this VM lays objects out. */
final class VmLayout {
  private VmLayout() {}

  /** log2 of a reference's size in an array. 8 bytes where the VM does not say. */
  static int referenceShift() {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return Boolean.parseBoolean(bean.getVMOption("UseCompressedOops").getValue()) ? 2 : 3;
    } catch (IllegalArgumentException e) {
      return 3;
    }
  }
}
