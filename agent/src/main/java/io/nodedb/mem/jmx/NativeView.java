package io.nodedb.mem.jmx;

import io.nodedb.mem.NativeSnapshot;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.NotificationBroadcasterSupport;

/** The beans of native memory, registered while the view is open. */
public final class NativeView implements AutoCloseable {
  private final Registrations beans;

  /**
   * Registers the beans.
   *
   * @param server where
   * @param engines every engine's name
   * @param snapshots reads the allocator's figures
   * @param purge gives all free pages back; false if that cannot be done
   * @throws JMException if a bean of the same name is there already; none is registered then
   */
  public NativeView(
      MBeanServer server,
      Collection<String> engines,
      Supplier<NativeSnapshot> snapshots,
      BooleanSupplier purge)
      throws JMException {
    beans = new Registrations(server);
    Readings<NativeSnapshot> readings = new Readings<>(snapshots);
    // Nothing here has anything to notify of.
    NotificationBroadcasterSupport silent = new NotificationBroadcasterSupport();
    try {
      beans.add(
          Registrations.name("NativeMemory", null),
          new NativeBean(readings, purge),
          NativeMemoryMXBean.class,
          silent,
          readings);
      for (String engine : engines) {
        beans.add(
            Registrations.name("EngineNative", engine),
            new EngineNativeBean(engine, readings),
            EngineNativeMXBean.class,
            silent,
            readings);
      }
    } catch (JMException e) {
      beans.close();
      throw e;
    }
  }

  /** Unregisters what was registered. */
  @Override
  public void close() {
    beans.close();
  }
}
