package io.nodedb.mem.spill;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Two engines of 64,000 bytes, and spilling whose time and threads are the test's. */
final class Given {
  static final long LIMIT = 64_000;

  /** What an engine with a handler sets aside: a 64th. */
  static final long RESERVE = 1_000;

  static final long START = 57_600;
  static final long RESTORE = 48_000;
  static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

  final AtomicLong clock = new AtomicLong(1_000_000_000L);
  final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  final List<SpillReport> reports = Collections.synchronizedList(new ArrayList<>());
  final Queue<Runnable> tasks = new ArrayDeque<>();
  final Governor governor;
  final Spilling spilling;

  private Given(Executor threads, BreachMode mode) {
    governor =
        Budgets.ceiling(4 * LIMIT)
            .engine("a", LIMIT, 0, mode, Duration.ofMinutes(5))
            .engine("b", LIMIT, 0, mode, Duration.ofMinutes(5))
            .clock(clock::get)
            .problems(problems::add)
            .governor();
    spilling =
        new Spilling(
            new SpillEnvironment(
                governor,
                0.9,
                0.75,
                clock::get,
                PATIENCE,
                threads == null ? tasks::add : threads),
            problems::add);
    governor.addRelief(spilling);
    spilling.addListener(restoring -> reports::add);
  }

  /** Handlers run at once, on the thread that finds that they have to. */
  static Given direct() {
    return new Given(Runnable::run, BreachMode.REJECT);
  }

  static Given direct(BreachMode mode) {
    return new Given(Runnable::run, mode);
  }

  /** Handlers run when the test runs {@link #tasks}. */
  static Given queued() {
    return new Given(null, BreachMode.REJECT);
  }

  Engine engine() {
    return governor.engine("a");
  }

  long used() {
    return engine().usedNow();
  }

  void pass(long nanos) {
    clock.addAndGet(nanos);
  }

  /** Lets the dispatcher look, then runs what it handed out, and what came of that. */
  void settle() {
    spilling.advance();
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
