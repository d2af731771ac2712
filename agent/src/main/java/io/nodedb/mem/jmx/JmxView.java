package io.nodedb.mem.jmx;

import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.Registration;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorListener;
import io.nodedb.mem.resident.Resident;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The beans of a process's budgets, registered while the view is open. A transition of an engine is
 * notified by the engine's bean and by the governor's, one of the process by the governor's alone.
 */
public final class JmxView implements GovernorListener, AutoCloseable {
  private static final String DOMAIN = "io.nodedb.mem";

  private final MBeanServer server;
  private final Readings readings;
  private final Deque<ObjectName> registered = new ArrayDeque<>();
  private final Map<String, PressureNotifications> perEngine = new HashMap<>();
  private final PressureNotifications all;
  private final Registration listening;

  /**
   * Registers the beans.
   *
   * @param server where
   * @param governor the budgets
   * @param snapshots brings the ledgers up to date and reads all budgets
   * @param residents reads the process's memory, given what engines use
   * @param accounting how live heap is known
   * @throws JMException if a bean of the same name is there already; none is registered then
   */
  public JmxView(
      MBeanServer server,
      Governor governor,
      Supplier<GovernorSnapshot> snapshots,
      LongFunction<Resident> residents,
      Supplier<String> accounting)
      throws JMException {
    this.server = server;
    this.readings = new Readings(snapshots);
    ObjectName name = name("MemoryGovernor", null);
    this.all = new PressureNotifications(name);
    try {
      register(
          name,
          new GovernorBean(governor, readings, residents, accounting),
          MemoryGovernorMXBean.class,
          all);
      for (Engine engine : governor.engines()) {
        ObjectName its = name("EngineBudget", engine.engine());
        PressureNotifications notifications = new PressureNotifications(its);
        register(
            its,
            new EngineBean(governor, engine, readings),
            EngineBudgetMXBean.class,
            notifications);
        perEngine.put(engine.engine(), notifications);
      }
    } catch (JMException e) {
      unregister();
      throw e;
    }
    listening = governor.addListener(this);
  }

  @Override
  public void onTransition(PressureTransition transition) {
    all.send(transition);
    transition.engine().map(perEngine::get).ifPresent(bean -> bean.send(transition));
  }

  /** Unregisters what was registered. */
  @Override
  public void close() {
    listening.close();
    unregister();
  }

  private <T> void register(
      ObjectName name, T bean, Class<T> type, PressureNotifications notifications)
      throws JMException {
    server.registerMBean(new DescribedBean(bean, type, notifications, readings), name);
    registered.push(name);
  }

  private void unregister() {
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

  private static ObjectName name(String type, String engine) throws JMException {
    Hashtable<String, String> keys = new Hashtable<>(Map.of("type", type));
    if (engine != null) {
      keys.put("engine", engine);
    }
    return new ObjectName(DOMAIN, keys);
  }
}
