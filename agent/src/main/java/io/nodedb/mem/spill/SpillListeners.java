package io.nodedb.mem.spill;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Tells all listeners; one that throws hides nothing. Thread-safe. */
final class SpillListeners implements SpillListener {
  private final List<SpillListener> all = new CopyOnWriteArrayList<>();
  private final AtomicBoolean told = new AtomicBoolean();
  private final Consumer<String> problems;

  SpillListeners(Consumer<String> problems) {
    this.problems = problems;
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
      guarded(() -> endings.add(listener.began(restoring)));
    }
    return report -> endings.forEach(ending -> guarded(() -> ending.accept(report)));
  }

  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (Throwable e) {
      if (told.compareAndSet(false, true)) {
        problems.accept("a view of spilling failed: " + e);
      }
    }
  }
}
