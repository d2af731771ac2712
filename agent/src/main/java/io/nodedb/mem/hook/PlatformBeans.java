package io.nodedb.mem.hook;

/**
 * Tells the agent that somebody asks for the platform's bean server, so that its beans are there
 * before the answer is, and the server is not brought up for them alone. Thread-safe.
 */
public final class PlatformBeans {
  private static boolean called;
  private static boolean asked;
  private static Runnable whenAsked;

  private PlatformBeans() {}

  /** From now on the JDK calls {@link #asked}. */
  public static synchronized void called() {
    called = true;
  }

  /**
   * Sets what is to be done when the server is asked for, once.
   *
   * @param action run by the thread that asks, under the lock of {@code ManagementFactory}
   * @return false if nobody would run it, as the JDK does not call, or has called already
   */
  public static synchronized boolean whenAsked(Runnable action) {
    if (!called || asked) {
      return false;
    }
    whenAsked = action;
    return true;
  }

  /** Called by {@code ManagementFactory.getPlatformMBeanServer} before it returns. */
  public static void asked() {
    Runnable action = take();
    if (action != null) {
      int token = Hooks.enter(Hooks.NONE);
      try {
        action.run();
      } finally {
        Hooks.exit(token);
      }
    }
  }

  private static synchronized Runnable take() {
    Runnable action = whenAsked;
    asked = true;
    whenAsked = null;
    return action;
  }
}
