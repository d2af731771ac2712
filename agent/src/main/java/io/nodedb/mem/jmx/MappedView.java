package io.nodedb.mem.jmx;

import io.nodedb.mem.mapped.LazyMappings;
import io.nodedb.mem.mapped.MappingSnapshot;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.NotificationBroadcasterSupport;

/** The bean of mapped windows, registered while the view is open. */
public final class MappedView implements AutoCloseable {
  private final Registrations beans;

  /**
   * Registers the bean.
   *
   * @param server where
   * @param mappings the windows
   * @throws JMException if a bean of the same name is there already
   */
  public MappedView(MBeanServer server, LazyMappings mappings) throws JMException {
    beans = new Registrations(server);
    Readings<MappingSnapshot> readings = new Readings<>(mappings::snapshot);
    beans.add(
        Registrations.name("MappedMemory", null),
        new MappedBean(readings, mappings::residentBytes),
        MappedMemoryMXBean.class,
        new NotificationBroadcasterSupport(),
        readings);
  }

  /** Unregisters the bean. */
  @Override
  public void close() {
    beans.close();
  }
}
