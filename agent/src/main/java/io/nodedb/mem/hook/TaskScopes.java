package io.nodedb.mem.hook;

import java.util.concurrent.CompletableFuture.AsynchronousCompletionTask;
import java.util.concurrent.FutureTask;

/**
 * What rewritten classes of {@code java.util.concurrent} and {@code java.lang.VirtualThread} call, so
 * that work handed to another thread is charged to the engine that handed it over.
 *
 * <p>Tasks are not wrapped: queues order them, {@code remove} looks for them, handlers cast them.
 * Their engine is kept beside them in {@link TaskTable}. Three kinds are told apart:
 *
 * <ul>
 *   <li>a raw {@code Runnable} may be queued many times at once, from inside and outside scopes: each
 *       submission is recorded, and each run takes the oldest of its pool;
 *   <li>a {@code FutureTask} or {@code ForkJoinTask} is queued once at a time: what is recorded is
 *       replaced;
 *   <li>a scheduled task or a stage of a {@code CompletableFuture} belongs to where it was made, however
 *       often it is moved or run: it is recorded once and kept.
 * </ul>
 *
 * <p>Until some thread first enters a scope each call is one read.
 */
public final class TaskScopes {
  /** The threads that virtual threads run on; they carry any thread's work and belong to nobody. */
  private static final Class<?> CARRIER = carrier();

  /** Whether any thread was ever in a scope. */
  private static volatile boolean used;

  private TaskScopes() {}

  /** Links and initializes everything, so that no hook does it in the middle of a hand-over. */
  static void warmUp() {
    Object task = new Object();
    TaskTable.append(task, task, 0);
    TaskTable.append(task, task, 1);
    TaskTable.retract(task, task);
    TaskTable.take(task, task);
    TaskTable.replace(task, 0);
    TaskTable.keep(task, 0);
    TaskTable.find(task);
    TaskTable.forget(task);
    TaskTable.sweep();
    exit(enter(Hooks.NONE));
  }

  /** From now on there are scopes. */
  static void use() {
    if (!used) {
      used = true;
    }
  }

  /**
   * At the entry of {@code ThreadPoolExecutor.execute}.
   *
   * @param task the command; may be null
   * @param pool the executor
   */
  public static void submitted(Object task, Object pool) {
    if (used && task != null && !(task instanceof AsynchronousCompletionTask)) {
      if (task instanceof FutureTask<?>) {
        TaskTable.replace(task, current());
      } else {
        TaskTable.append(task, pool, current());
      }
    }
  }

  /**
   * At the entry of {@code ThreadPoolExecutor.reject}: what was submitted last will not run, or will be
   * run by the caller.
   *
   * @param task the command
   * @param pool the executor
   */
  public static void rejected(Object task, Object pool) {
    if (used && task != null) {
      TaskTable.retract(task, pool);
    }
  }

  /**
   * A task that was taken from a pool's queue will not run.
   *
   * @param task the command; may be null
   * @param pool the executor
   */
  public static void dropped(Object task, Object pool) {
    if (used && task != null) {
      TaskTable.take(task, pool);
    }
  }

  /**
   * At the end of {@code ThreadPoolExecutor.remove}.
   *
   * @param removed its result
   * @param task the command
   * @param pool the executor
   */
  public static void removed(boolean removed, Object task, Object pool) {
    if (removed) {
      dropped(task, pool);
    }
  }

  /**
   * In place of {@code task.run()} in a pool's worker. What is not recorded runs in the scope that the
   * worker is in: none, unless the pool's thread factory opened one. Either way the worker is where
   * it was afterwards, whatever the task left open.
   *
   * @param task the task
   * @param pool the executor
   */
  public static void run(Runnable task, Object pool) {
    if (!used) {
      task.run();
      return;
    }
    int engine = TaskTable.take(task, pool);
    int token = engine == TaskTable.UNKNOWN ? stay() : enter(engine);
    try {
      task.run();
    } finally {
      exit(token);
    }
  }

  /**
   * A task is put into a fork-join pool's queue.
   *
   * @param task the task; may be null
   */
  public static void pushed(Object task) {
    if (used && task != null && !(task instanceof AsynchronousCompletionTask)) {
      TaskTable.replace(task, current());
    }
  }

  /**
   * A task was taken from a fork-join pool's queue and is about to run. A thread that waits for one
   * task may run any other meanwhile, so one that is not recorded runs in no scope.
   *
   * @param task the task
   * @return the token for {@link #exit}
   */
  public static int popped(Object task) {
    if (!used || Thread.currentThread().getClass() == CARRIER) {
      return Hooks.SAME;
    }
    int engine = TaskTable.take(task, null);
    return enter(engine == TaskTable.UNKNOWN ? Hooks.NONE : engine);
  }

  /**
   * A task or stage that belongs to where it is made.
   *
   * @param task the task
   */
  public static void captured(Object task) {
    if (used) {
      TaskTable.keep(task, current());
    }
  }

  /**
   * A stage is about to run.
   *
   * @param task the stage
   * @return the token for {@link #exit}
   */
  public static int resume(Object task) {
    if (!used) {
      return Hooks.SAME;
    }
    int engine = TaskTable.find(task);
    return enter(engine == TaskTable.UNKNOWN ? Hooks.NONE : engine);
  }

  /**
   * A stage has returned.
   *
   * @param task the stage
   * @param live whether it may run again
   */
  public static void fired(Object task, boolean live) {
    if (used && !live) {
      TaskTable.forget(task);
    }
  }

  /**
   * Ends what {@link #popped} or {@link #resume} began: the thread is where it was, also if the task
   * left a scope open.
   *
   * @param token what they returned
   */
  public static void exit(int token) {
    if (!used) {
      return;
    }
    ThreadScope s = ThreadTable.current();
    int to = token == Hooks.SAME ? Hooks.NONE : token;
    if (s != null && s.engine != to) {
      s.leave(to);
    }
  }

  /**
   * A virtual thread is about to start. It works for the engine of the thread that starts it.
   *
   * @param child the thread
   */
  public static void starting(Thread child) {
    if (used) {
      int engine = current();
      if (engine != Hooks.NONE) {
        Hooks.inherit(child, engine);
      }
    }
  }

  /** The current virtual thread ends. */
  public static void ended() {
    exit(Hooks.SAME);
  }

  private static int current() {
    ThreadScope s = ThreadTable.current();
    return s == null ? Hooks.NONE : s.engine;
  }

  /** As {@link #enter} of the engine that the thread is in. */
  private static int stay() {
    ThreadScope s = ThreadTable.current();
    return s == null ? Hooks.SAME : s.engine;
  }

  /** Enters, and always has something to return to: the task may leave a scope open. */
  private static int enter(int engine) {
    int token = Hooks.enter(engine);
    return token == Hooks.SAME ? stay() : token;
  }

  private static Class<?> carrier() {
    try {
      return Class.forName("jdk.internal.misc.CarrierThread", false, null);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }
}
