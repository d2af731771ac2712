package io.nodedb.mem.jmx;

import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.Registration;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorListener;
import io.nodedb.mem.resident.Resident;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The beans of a process's budgets, registered while the view is open. A transition of an engine is
 * notified by the engine's bean and by the governor's, one of the process by the governor's alone.
 */
public final class JmxView implements GovernorListener, AutoCloseable {
  private final Registrations beans;
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
    this.beans = new Registrations(server);
    Readings<GovernorSnapshot> readings = new Readings<>(snapshots);
    ObjectName name = Registrations.name("MemoryGovernor", null);
    this.all = new PressureNotifications(name);
    try {
      beans.add(
          name,
          new GovernorBean(governor, readings, residents, accounting),
          MemoryGovernorMXBean.class,
          all,
          readings);
      for (Engine engine : governor.engines()) {
        ObjectName its = Registrations.name("EngineBudget", engine.engine());
        PressureNotifications notifications = new PressureNotifications(its);
        beans.add(
            its,
            new EngineBean(governor, engine, readings),
            EngineBudgetMXBean.class,
            notifications,
            readings);
        perEngine.put(engine.engine(), notifications);
      }
    } catch (JMException e) {
      beans.close();
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
    beans.close();
  }
}
