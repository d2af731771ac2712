package io.nodedb.mem.hook;

/** What the runtime installs behind the hooks. */
public interface HookRuntime {
  /**
   * State for a thread that enters its first scope.
   *
   * @param owner the current thread, or a virtual thread that has not started
   * @return its state
   */
  ThreadScope newScope(Thread owner);
}
