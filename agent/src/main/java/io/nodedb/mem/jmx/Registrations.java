package io.nodedb.mem.jmx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Hashtable;
import java.util.Map;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.NotificationEmitter;
import javax.management.ObjectName;

/** Beans that one view has registered, and will unregister. Used by one thread at a time. */
final class Registrations implements AutoCloseable {
  private static final String DOMAIN = "io.nodedb.mem";

  private final MBeanServer server;
  private final Deque<ObjectName> registered = new ArrayDeque<>();

  Registrations(MBeanServer server) {
    this.server = server;
  }

  /** A bean's name; the engine may be null. */
  static ObjectName name(String type, String engine) throws JMException {
    Hashtable<String, String> keys = new Hashtable<>(Map.of("type", type));
    if (engine != null) {
      keys.put("engine", engine);
    }
    return new ObjectName(DOMAIN, keys);
  }

  <T> void add(
      ObjectName name, T bean, Class<T> type, NotificationEmitter emitter, Readings<?> readings)
      throws JMException {
    server.registerMBean(new DescribedBean(bean, type, emitter, readings), name);
    registered.push(name);
  }

  /** Unregisters what was registered. */
  @Override
  public void close() {
    while (!registered.isEmpty()) {
      try {
        server.unregisterMBean(registered.pop());
      } catch (InstanceNotFoundException e) {
        // Somebody else has unregistered it, which is what is wanted.
        continue;
      } catch (JMException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
