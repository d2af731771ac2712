package io.nodedb.mem.offheap;

import io.nodedb.mem.config.NativeSettings.LeakDetection;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds arenas and allocators that became unreachable without being closed. What is watched is the
 * scope that every segment refers to: once that is unreachable nothing can touch the memory any more,
 * so it is freed, besides being reported with where the arena was made.
 */
final class LeakWatch {
  /** One arena out of as many is watched with its stack in the sampled mode. */
  private static final int SAMPLE = 128;

  private static final Throwable UNSAMPLED = new Unsampled();

  private final LeakDetection mode;
  private final EndOfLife ends;
  private final LeakSink sink;

  LeakWatch(LeakDetection mode, EndOfLife ends, LeakSink sink) {
    this.mode = mode;
    this.ends = ends;
    this.sink = sink;
  }

  EndOfLife ends() {
    return ends;
  }

  /**
   * Watches a new arena, unless the mode is off.
   *
   * @param scope what its segments refer to
   * @param blocks what it owns
   * @return to be cancelled on close; null if not watched
   */
  EndOfLife.Ticket watch(Object scope, Blocks blocks) {
    if (mode == LeakDetection.OFF) {
      return null;
    }
    boolean sampled =
        mode == LeakDetection.FULL || ThreadLocalRandom.current().nextInt(SAMPLE) == 0;
    Throwable made =
        sampled ? new Throwable("arena of engine '" + blocks.engine() + "' made here") : UNSAMPLED;
    return ends.watch(
        scope,
        () -> {
          long bytes = blocks.freeAll();
          sink.leaked(blocks.engine(), bytes, made);
        });
  }

  /** Stands for the stack that was not taken. */
  private static final class Unsampled extends Throwable {
    private static final long serialVersionUID = 1L;

    Unsampled() {
      super("not sampled; native.leak-detection = full shows where", null, false, false);
    }
  }

  /** What an arena owns. */
  interface Blocks {
    /** The engine that is charged. */
    String engine();

    /** Frees it all. Returns what it was charged with. */
    long freeAll();
  }
}
