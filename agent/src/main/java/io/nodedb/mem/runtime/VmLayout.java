package io.nodedb.mem.runtime;

/** What depends on how this VM lays objects out. */
final class VmLayout {
  private VmLayout() {}

  /**
   * log2 of a reference's size in an array. Asked of the JDK's internal Unsafe, which is open to this
   * module: the diagnostic MBean would know as well, but starts all of the management beans.
   */
  static int referenceShift() throws ReflectiveOperationException {
    Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
    Object instance = unsafe.getMethod("getUnsafe").invoke(null);
    int scale =
        (int) unsafe.getMethod("arrayIndexScale", Class.class).invoke(instance, Object[].class);
    return Integer.numberOfTrailingZeros(scale);
  }
}
