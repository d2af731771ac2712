package io.nodedb.mem.runtime;

import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.events.FlightRecorderView;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.heap.HeapAccounting.AssistListener;
import io.nodedb.mem.jmx.JmxView;
import io.nodedb.mem.resident.ResidentProbe;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.management.JMException;

/**
 * What shows budgets to the outside, made in order and closed in the reverse of it.
 *
 * <p>Beans are registered by a thread of their own: the platform's bean server takes longer to come
 * up than the rest of the agent, and the application need not wait for it. A view that fails is
 * told of in one line; budgets are held without it.
 */
final class Views implements AutoCloseable {
  private final Governor governor;
  private final Consumer<String> problems;
  private final Closing closing = new Closing();
  private final FlightRecorderView recordings;

  /**
   * Makes the views; they show nothing yet.
   *
   * @param governor the budgets
   * @param problems told, in a line each, of views that do not work
   */
  Views(Governor governor, Consumer<String> problems) {
    this.governor = governor;
    this.problems = problems;
    this.recordings = new FlightRecorderView(governor);
  }

  /** Who hears of assisted collections. */
  AssistListener assists() {
    return recordings;
  }

  /** Shows. */
  void start(HeapAccounting heap) {
    Supplier<GovernorSnapshot> snapshots =
        () -> {
          heap.refresh();
          return governor.snapshot();
        };
    recordings.start(snapshots, used -> Probe.HERE.read(used), heap::sampleListener);
    closing.add(recordings::close);
    Thread beans =
        Thread.ofPlatform()
            .daemon()
            .name("nodedb-mem-views")
            .inheritInheritableThreadLocals(false)
            .unstarted(() -> startBeans(heap, snapshots));
    beans.start();
  }

  private void startBeans(HeapAccounting heap, Supplier<GovernorSnapshot> snapshots) {
    try {
      JmxView beans =
          new JmxView(
              ManagementFactory.getPlatformMBeanServer(),
              governor,
              snapshots,
              Probe.HERE::read,
              heap::accounting);
      closing.add(beans::close);
    } catch (JMException | RuntimeException | Error e) {
      problems.accept("JMX shows no budgets: " + e);
    }
  }

  @Override
  public void close() {
    closing.close();
  }

  /** Made by the first to need it, which is not the thread that starts the agent. */
  private static final class Probe {
    static final ResidentProbe HERE = new ResidentProbe();
  }
}
