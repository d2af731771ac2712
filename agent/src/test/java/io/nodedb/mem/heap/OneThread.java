package io.nodedb.mem.heap;

/** Counters of a JVM in which one thread runs in scopes, as a test says. */
final class OneThread implements ThreadCounters {
  /** What the thread has allocated. */
  long allocated;

  /** What all others have. */
  long others;

  @Override
  public long current() {
    return allocated;
  }

  @Override
  public long[] of(long[] threadIds) {
    return new long[threadIds.length];
  }

  @Override
  public long all() {
    return allocated + others;
  }
}
