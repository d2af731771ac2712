package io.nodedb.mem.offheap;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.hook.NativeHooks;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Asks for room before calls on pinned threads. What a JNI library mallocs is known once it is there: a
 * call that opens a document of 4 MiB would carry its engine 4 MiB past the limit. But calls of one
 * method are alike, so each needs room for what the largest of late took, and for what those under way
 * still may. The first is not foreseen. Thread-safe; does nothing where jemalloc does not tell.
 *
 * <p>What a call takes is the peak of what its thread holds, {@code thread.peak.read} of jemalloc 5.3
 * and later: within 100 KB, says its manual page.
 */
final class CallGrowth {
  private static final String RESET = "thread.peak.reset";
  private static final String READ = "thread.peak.read";

  /** What is foreseen is halved so often: one large call is not for ever what others are refused for. */
  private static final long HALVED_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** At most a quarter of the limit, or calls could be refused though most of it is free. */
  private static final int MOST_SHIFT = 2;

  /** A token has the arena before, of which there are fewer than 2^12, and units of what is foreseen. */
  private static final int ARENA_BITS = 12;

  private static final int UNIT_SHIFT = 16;
  private static final long MOST_UNITS = (1 << (31 - ARENA_BITS)) - 1;

  /** Null if peaks are not known. */
  private final Mallctl control;

  private final Admission admission;

  /** What a method's calls took at most, and when that was; by the method's number. Read racily. */
  private final AtomicLongArray most = new AtomicLongArray(NativeHooks.METHODS);

  private final AtomicLongArray since = new AtomicLongArray(NativeHooks.METHODS);

  /**
   * Nothing is foreseen yet.
   *
   * @param control of the jemalloc that is everybody's malloc; null if there is none
   * @param admission asked for room
   */
  CallGrowth(Mallctl control, Admission admission) {
    this.control = control != null && control.knows(RESET) && control.knows(READ) ? control : null;
    this.admission = admission;
  }

  /**
   * Before a call, and before its thread is pinned: has room made, and begins to count.
   *
   * @return what the call is expected to take
   * @throws BudgetExceededException if there is no room; nothing has changed then
   */
  long ask(EngineMemory engine, int method) {
    if (control == null || Thread.currentThread().isVirtual()) {
      return 0;
    }
    long own = foreseen(method);
    if (own >> UNIT_SHIFT > 0) {
      long limit = engine.account.limit();
      long all = Math.min(limit >> MOST_SHIFT, own + engine.expected.get());
      admission.requireRoom(engine.account, all);
    }
    control.run(RESET, 0);
    return own;
  }

  /**
   * The call begins, on a pinned thread: from here on nothing may fail, or nobody would unpin it.
   *
   * @param before the arena to restore
   * @return the token
   */
  int begin(EngineMemory engine, int before, long foreseen) {
    int units = (int) Math.min(MOST_UNITS, foreseen >> UNIT_SHIFT);
    engine.expected.addAndGet((long) units << UNIT_SHIFT);
    return units << ARENA_BITS | before;
  }

  /** The most that the current thread held since the call began; remembered for the next. */
  long took(int method) {
    if (control == null) {
      return 0;
    }
    long peak = control.readLong(READ, 0).orElse(0);
    if (peak >= foreseen(method)) {
      since.set(method, System.nanoTime());
      most.set(method, peak);
    }
    return peak;
  }

  /** The call is over. The last step of an exit, which is tried again if it fails before. */
  void end(EngineMemory engine, int token) {
    engine.expected.addAndGet(-((long) (token >> ARENA_BITS) << UNIT_SHIFT));
  }

  /** The arena to restore. */
  static int arenaBefore(int token) {
    return token & (1 << ARENA_BITS) - 1;
  }

  private long foreseen(int method) {
    long halvings = (System.nanoTime() - since.get(method)) / HALVED_NANOS;
    return most.get(method) >> Math.min(Long.SIZE - 1, halvings);
  }
}
