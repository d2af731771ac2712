package io.nodedb.mem.heap;

/**
 * What the gatherer has taken so far of the bytes that one thread allocated for each engine. Guarded
 * by the gatherer's monitor; {@link #of} may be read without it and is a little behind then.
 */
final class TakenCounts {
  private final long[] taken;

  TakenCounts(int engines) {
    taken = new long[engines];
  }

  long of(int engine) {
    return taken[engine];
  }

  /** Takes what is new since, and passes it on. */
  void pass(long[] now, AllocationTotals.Sink sink) {
    for (int e = 0; e < now.length; e++) {
      long fresh = now[e] - taken[e];
      if (fresh != 0) {
        taken[e] = now[e];
        sink.allocated(e, fresh);
      }
    }
  }
}
