package io.nodedb.mem.runtime;

import jdk.internal.misc.Unsafe;

/** What depends on how this VM lays objects out. */
final class VmLayout {
  private VmLayout() {}

  /**
   * log2 of a reference's size in an array. Asked of the JDK's internal Unsafe, which is open to this
   * module: the diagnostic MBean would know as well, but starts all of the management beans.
   */
  static int referenceShift() {
    return Integer.numberOfTrailingZeros(Unsafe.ARRAY_OBJECT_INDEX_SCALE);
  }
}
