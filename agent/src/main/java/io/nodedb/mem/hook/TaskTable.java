package io.nodedb.mem.hook;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Task to engine, by identity, weakly: no task and no class is kept alive. Thread-safe.
 *
 * <p>It is called where threads park and are unparked, also by the scheduler of virtual threads, so
 * it may not park itself: a stripe's lock is a word that is spun on. Under it nothing is allocated,
 * and it is released by a plain store, which no stack overflow can prevent. Entries of tasks that were
 * collected go when their bucket is written to next, and by {@link #sweep}.
 */
final class TaskTable {
  /** Nothing is recorded. */
  static final int UNKNOWN = -2;

  private static final int BUCKETS = 1 << 14;
  private static final int STRIPES = 1 << 6;

  /** Entries a stripe holds at most: a million in all. Further tasks run in no scope. */
  private static final int MOST = 1 << 14;

  /** Changes of engine among the submissions of one task that are remembered. */
  private static final int RUNS = 16;

  private static final Entry[] TABLE = new Entry[BUCKETS];
  private static final Stripe[] LOCKS = new Stripe[STRIPES];

  static {
    for (int i = 0; i < STRIPES; i++) {
      LOCKS[i] = new Stripe();
    }
  }

  private TaskTable() {}

  /** Records one more submission of a task to a pool. */
  static void append(Object task, Object pool, int engine) {
    int poolId = System.identityHashCode(pool);
    put(task, new Entry(task, poolId, engine, false), true);
  }

  /** Records the only submission of a task, unless it is kept already; with no engine, forgets it. */
  static void replace(Object task, int engine) {
    if (engine != Hooks.NONE) {
      put(task, new Entry(task, 0, engine, false), false);
    } else {
      remove(task, false);
    }
  }

  /** Records for good where a task belongs. */
  static void keep(Object task, int engine) {
    if (engine != Hooks.NONE) {
      put(task, new Entry(task, 0, engine, true), false);
    } else {
      remove(task, true);
    }
  }

  /** Forgets a task. */
  static void forget(Object task) {
    remove(task, true);
  }

  /** The engine of a task that is kept. */
  static int find(Object task) {
    int hash = System.identityHashCode(task);
    int bucket = bucket(hash);
    if (TABLE[bucket] == null) {
      return UNKNOWN; // What this thread, or the one that handed the task over, wrote is seen here.
    }
    Stripe lock = lock(bucket);
    try {
      Entry e = lookUp(bucket, task, 0);
      return e == null ? UNKNOWN : e.engine;
    } finally {
      lock.held = 0;
    }
  }

  /**
   * Takes the oldest submission of a task to a pool, or the only one. What is kept stays.
   *
   * @param pool the pool; null for tasks that are queued once at a time
   */
  static int take(Object task, Object pool) {
    int poolId = System.identityHashCode(pool);
    int bucket = bucket(System.identityHashCode(task));
    if (TABLE[bucket] == null) {
      return UNKNOWN;
    }
    Stripe lock = lock(bucket);
    try {
      Entry e = lookUp(bucket, task, poolId);
      if (e == null) {
        return UNKNOWN;
      }
      int engine = e.engine;
      if (!e.kept && --e.count == 0 && !e.next()) {
        unlink(lock, bucket, e);
      }
      return engine;
    } finally {
      lock.held = 0;
    }
  }

  /** Takes back the newest submission of a task to a pool, or the only one. */
  static void retract(Object task, Object pool) {
    int poolId = System.identityHashCode(pool);
    int bucket = bucket(System.identityHashCode(task));
    Stripe lock = lock(bucket);
    try {
      Entry e = lookUp(bucket, task, poolId);
      if (e != null && !e.kept && !e.retract()) {
        unlink(lock, bucket, e);
      }
    } finally {
      lock.held = 0;
    }
  }

  /** Unlinks the entries of tasks that were collected. */
  static void sweep() {
    for (int s = 0; s < STRIPES; s++) {
      if (LOCKS[s].entries == 0) {
        continue;
      }
      for (int bucket = s; bucket < BUCKETS; bucket += STRIPES) {
        if (TABLE[bucket] != null) {
          Stripe lock = lock(bucket);
          try {
            purge(lock, bucket);
          } finally {
            lock.held = 0;
          }
        }
      }
    }
  }

  private static void put(Object task, Entry fresh, boolean append) {
    if (!tryPut(task, fresh, append, null)) {
      tryPut(task, fresh, append, new int[2 * RUNS]);
    }
  }

  /** False if there is need for a place to remember runs of submissions. */
  private static boolean tryPut(Object task, Entry fresh, boolean append, int[] space) {
    int bucket = bucket(fresh.hash);
    Stripe lock = lock(bucket);
    try {
      purge(lock, bucket);
      Entry e = lookUp(bucket, task, fresh.pool);
      if (e == null) {
        if (lock.entries < MOST) {
          fresh.next = TABLE[bucket];
          TABLE[bucket] = fresh;
          lock.entries++;
        }
      } else if (append) {
        return e.append(fresh.engine, space);
      } else if (fresh.kept || !e.kept) {
        e.engine = fresh.engine;
        e.kept = fresh.kept;
      }
      return true;
    } finally {
      lock.held = 0;
    }
  }

  private static void remove(Object task, boolean kept) {
    int bucket = bucket(System.identityHashCode(task));
    if (TABLE[bucket] == null) {
      return;
    }
    Stripe lock = lock(bucket);
    try {
      Entry e = lookUp(bucket, task, 0);
      if (e != null && (kept || !e.kept)) {
        unlink(lock, bucket, e);
      }
    } finally {
      lock.held = 0;
    }
  }

  /** Under the lock. */
  private static Entry lookUp(int bucket, Object task, int pool) {
    Entry e = TABLE[bucket];
    while (e != null && !((e.pool == pool || e.pool == 0) && e.refersTo(task))) {
      e = e.next;
    }
    return e;
  }

  /** Under the lock. */
  private static void purge(Stripe lock, int bucket) {
    Entry before = null;
    for (Entry e = TABLE[bucket]; e != null; e = e.next) {
      if (!e.refersTo(null)) {
        before = e;
      } else {
        lock.entries--;
        if (before == null) {
          TABLE[bucket] = e.next;
        } else {
          before.next = e.next;
        }
      }
    }
  }

  /** Under the lock. */
  private static void unlink(Stripe lock, int bucket, Entry gone) {
    lock.entries--;
    Entry e = TABLE[bucket];
    if (e == gone) {
      TABLE[bucket] = gone.next;
      return;
    }
    while (e.next != gone) {
      e = e.next;
    }
    e.next = gone.next;
  }

  private static int bucket(int hash) {
    return (hash ^ hash >>> 14) & (BUCKETS - 1);
  }

  private static Stripe lock(int bucket) {
    Stripe lock = LOCKS[bucket & (STRIPES - 1)];
    while (!Stripe.HELD.compareAndSet(lock, 0, 1)) {
      Thread.onSpinWait();
    }
    return lock;
  }

  /** A lock, and how much it guards. */
  private static final class Stripe {
    static final AtomicIntegerFieldUpdater<Stripe> HELD =
        AtomicIntegerFieldUpdater.newUpdater(Stripe.class, "held");

    volatile int held;

    /** Written under the lock, read racily by {@link #sweep}. */
    int entries;
  }

  /**
   * What is known of a task, or of a task in one pool: how many submissions came from which engine,
   * in their order, as runs of one engine each; the first run is in the fields.
   */
  private static final class Entry extends WeakReference<Object> {
    final int hash;

    /** Identity of the pool; 0 for a task that is queued once at a time. */
    final int pool;

    int engine;
    int count = 1;
    boolean kept;
    Entry next;

    /** Engines and counts of the runs after the first, in turns; null if there never was one. */
    private int[] later;

    private int runs;

    Entry(Object task, int pool, int engine, boolean kept) {
      super(task);
      this.hash = System.identityHashCode(task);
      this.pool = pool;
      this.engine = engine;
      this.kept = kept;
    }

    /** One more submission. False, and nothing happened, if space is null but needed. */
    boolean append(int more, int[] space) {
      if (runs == 0 && more == engine) {
        count++;
        return true;
      }
      if (later == null) {
        if (space == null) {
          return false;
        }
        later = space;
      }
      int last = 2 * (runs - 1);
      if (runs > 0 && later[last] == more) {
        later[last + 1]++;
      } else if (runs == RUNS) {
        later[last] = Hooks.NONE; // Too many changes of engine: the last run belongs to nobody.
        later[last + 1]++;
      } else {
        later[last + 2] = more;
        later[last + 3] = 1;
        runs++;
      }
      return true;
    }

    /** One submission less, the newest; false if none is left. */
    boolean retract() {
      if (runs == 0) {
        return --count > 0;
      }
      if (--later[2 * runs - 1] == 0) {
        runs--;
      }
      return true;
    }

    /** Goes on to the next run of submissions; false if there is none. */
    boolean next() {
      if (runs == 0) {
        return false;
      }
      engine = later[0];
      count = later[1];
      runs--;
      for (int i = 0; i < 2 * runs; i++) {
        later[i] = later[i + 2];
      }
      return true;
    }
  }
}
