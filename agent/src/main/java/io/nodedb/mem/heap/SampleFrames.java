package io.nodedb.mem.heap;

import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Looks at the stack of a sampled allocation. */
public final class SampleFrames {
  /** Frames between an allocation inside the recorder and the recorder's own, at the most. */
  private static final int DEPTH = 48;

  private static final StackWalker WALKER = StackWalker.getInstance();

  private static final Predicate<StackWalker.StackFrame> RECORDER =
      frame -> {
        String name = frame.getClassName();
        return name.startsWith("jdk.jfr.") || name.startsWith("jdk.internal.event.");
      };

  private static final Function<Stream<StackWalker.StackFrame>, Boolean> ANY_RECORDER =
      frames -> frames.limit(DEPTH).anyMatch(RECORDER);

  private SampleFrames() {}

  /**
   * Whether the current thread is inside JFR. A JFR event keeps its half-written state with the
   * thread, and a string in it may be allocated for: an event committed there would end in the middle
   * of the other and spoil the recording. Costs a few microseconds, so ask after throttling.
   *
   * @return true if an event must not be committed now
   */
  public static boolean insideRecorder() {
    return WALKER.walk(ANY_RECORDER);
  }
}
