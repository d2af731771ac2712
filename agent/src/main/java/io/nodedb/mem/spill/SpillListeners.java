package io.nodedb.mem.spill;

import io.nodedb.mem.governor.Failsafe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Tells all listeners; one that throws hides nothing. Thread-safe. */
final class SpillListeners implements SpillListener {
  private static final String VIEW = "a view of spilling";

  private final List<SpillListener> all = new CopyOnWriteArrayList<>();
  private final Failsafe failsafe;

  SpillListeners(Consumer<String> problems) {
    this.failsafe = new Failsafe(problems);
  }

  void add(SpillListener listener) {
    all.add(listener);
  }

  void remove(SpillListener listener) {
    all.remove(listener);
  }

  @Override
  public Consumer<SpillReport> began(boolean restoring) {
    List<Consumer<SpillReport>> endings = new ArrayList<>(all.size());
    for (SpillListener listener : all) {
      failsafe.run(VIEW, () -> endings.add(listener.began(restoring)));
    }
    return report -> endings.forEach(each -> failsafe.run(VIEW, () -> each.accept(report)));
  }
}
