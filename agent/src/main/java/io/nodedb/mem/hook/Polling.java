package io.nodedb.mem.hook;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MutableCallSite;
import jdk.internal.vm.annotation.ForceInline;

/**
 * Whether polls have ever had to look: a constant for the JIT, so that code costs nothing for its polls
 * until some engine first comes near a bound. Then the JVM discards the code that was compiled with
 * that constant, before {@link #begin} returns, and compiles it anew, with polls that read a flag. This
 * happens once and is not undone: an engine near its bound now will be again, and compiling costs more
 * than the reads. Thread-safe.
 *
 * <p>The constant is the target of a {@link MutableCallSite}, which both of HotSpot's compilers take
 * for granted and register a dependency on. It is compared, and never called.
 */
final class Polling {
  private static final MethodHandle NEVER = MethodHandles.constant(boolean.class, false);
  private static final MethodHandle BEGUN = MethodHandles.constant(boolean.class, true);
  private static final MutableCallSite STATE = new MutableCallSite(NEVER);

  /** Made in advance: where polls begin to look, there may be no room for it. */
  private static final MutableCallSite[] ALL = {STATE};

  private Polling() {}

  /**
   * Initializes this class, before anybody polls. By a poll at the end of the stack it would fail, and a
   * class that once failed makes all who use it fail.
   */
  static void initialize() {}

  @ForceInline
  static boolean begun() {
    return STATE.getTarget() != NEVER;
  }

  /** Has polls look, in all threads, from its return on. If it fails, it may be called again. */
  static void begin() {
    if (!begun()) {
      STATE.setTarget(BEGUN);
      MutableCallSite.syncAll(ALL);
    }
  }
}
