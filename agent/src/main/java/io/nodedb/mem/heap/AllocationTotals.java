package io.nodedb.mem.heap;

import io.nodedb.mem.hook.ThreadScope;
import io.nodedb.mem.hook.ThreadTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Exact bytes allocated per engine. Threads count for themselves, where they change engine; this
 * class gathers the counts: periodically, and on demand before a decision. A thread that stays in a
 * scope is read through its JVM counter meanwhile.
 *
 * <p>Thread-safe: gathering is under this object's monitor, threads count without it.
 */
final class AllocationTotals {
  /** Hears what an engine allocated since the last time; negative if that was overestimated. */
  interface Sink {
    void allocated(int engine, long bytes);
  }

  private final ThreadCounters counters;
  private final AtomicLongArray totals;
  private volatile Sink sink = (engine, bytes) -> {};

  AllocationTotals(ThreadCounters counters, int engines) {
    this.counters = counters;
    this.totals = new AtomicLongArray(engines);
  }

  void sink(Sink newSink) {
    sink = newSink;
  }

  long total(int engine) {
    return totals.get(engine);
  }

  /** Bytes that all threads have allocated since the JVM started, in no matter which scope. */
  long everybody() {
    return counters.all();
  }

  /** Gathers from every thread, and unlinks the state of those that ended. */
  synchronized void gather() {
    List<EngineThread> inside = new ArrayList<>();
    ThreadTable.sweep(
        scope -> {
          EngineThread thread = (EngineThread) scope;
          thread.array.landStale();
          if (thread.running()) {
            inside.add(thread);
          } else {
            take(thread);
          }
        });
    if (inside.isEmpty()) {
      return;
    }
    int[] versions = inside.stream().mapToInt(EngineThread::version).toArray();
    long[] now = counters.of(inside.stream().mapToLong(ThreadScope::ownerId).toArray());
    for (int i = 0; i < now.length; i++) {
      EngineThread thread = inside.get(i);
      if (!thread.takeRunning(versions[i], now[i], this::add)) {
        take(thread);
      }
    }
  }

  /** Gathers from the current thread, up to this moment. */
  synchronized void gather(EngineThread current) {
    take(current);
  }

  private void take(EngineThread thread) {
    thread.take(this::add);
  }

  private void add(int engine, long bytes) {
    totals.addAndGet(engine, bytes);
    sink.allocated(engine, bytes);
  }
}
