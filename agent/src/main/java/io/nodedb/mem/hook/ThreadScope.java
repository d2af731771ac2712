package io.nodedb.mem.hook;

import java.lang.ref.WeakReference;

/**
 * What is known of one thread: the engine it works for, and whatever the runtime's subclass adds.
 * Created when a thread first enters a scope.
 *
 * <p>There is one subclass, so calls of the abstract methods are bound statically by the JIT.
 */
public abstract class ThreadScope extends WeakReference<Thread> {
  /** {@link Thread#threadId()}, never reused by the JVM; 0 once retired. Written by the owner. */
  volatile long threadId;

  /** Next in the bucket of {@link ThreadTable}. */
  volatile ThreadScope next;

  /**
   * The engine the thread works for, or {@link Hooks#NONE}. Written by the owner only, and there as
   * the last step of a switch, so that an error thrown halfway leaves the thread where it was. Other
   * threads read it racily, for statistics.
   */
  protected int engine = Hooks.NONE;

  /** Whether the thread is inside {@link SampleHook.Sink#sampled}. Used by the owner only. */
  boolean sampling;

  /**
   * Made by the runtime for the current thread, or for a virtual thread before it starts.
   *
   * @param owner the thread
   */
  protected ThreadScope(Thread owner) {
    super(owner);
    threadId = owner.threadId();
  }

  /**
   * The engine the thread works for.
   *
   * @return its id or {@link Hooks#NONE}; a racy read where the caller is another thread
   */
  public final int engine() {
    return engine;
  }

  /**
   * The thread.
   *
   * @return its {@link Thread#threadId()}, or 0 if retired
   */
  public final long ownerId() {
    return threadId;
  }

  /**
   * Enters another engine's scope.
   *
   * @param to the engine's id
   */
  protected abstract void enter(int to);

  /**
   * Enters a scope that has a mode or a budget for the call.
   *
   * @param site its number, as the runtime gave it out
   * @return the token for {@link #leave}, {@link Hooks#FRAME} or less
   */
  protected abstract int enterSite(int site);

  /**
   * Returns to an outer scope.
   *
   * @param token the outer engine, or what {@link #enterSite} returned
   */
  protected abstract void leave(int token);

  /** An engine is in breach: refuses, waits or passes. */
  protected abstract void poll();

  /**
   * Checks an array before it is allocated.
   *
   * @param bytes its size
   */
  protected abstract void gate(long bytes);
}
