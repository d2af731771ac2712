package io.nodedb.mem.heap;

import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.hook.ThreadTable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Ends the call that holds the most of an engine that stays in EMERGENCY, where verification and
 * spilling have had their time and did not help. Confined to the ticker's thread.
 *
 * <p>A call is asked to end once; it does where its thread is looked at next. After that the engine
 * has its patience again, and at least {@link #LEAST} between two calls: if the caller tries again and
 * again it is slowed, not the process kept busy. A call that holds little is left alone, as ending it
 * would not help.
 */
final class WorstCall {
  static final long LEAST = TimeUnit.SECONDS.toNanos(10);

  /** A call that holds less than this share of the limit is not what is wrong. */
  private static final int LITTLE = 16;

  private final HeapScopes scopes;
  private final long patience;
  private final LongSupplier clock;
  private final long[] since;
  private final long[] ended;
  private final boolean[] waiting;
  private final boolean[] any;

  WorstCall(HeapScopes scopes, long patience, LongSupplier clock) {
    this.scopes = scopes;
    this.patience = patience;
    this.clock = clock;
    this.since = new long[scopes.engineCount()];
    this.ended = new long[scopes.engineCount()];
    this.waiting = new boolean[scopes.engineCount()];
    this.any = new boolean[scopes.engineCount()];
  }

  void tick() {
    long now = clock.getAsLong();
    for (int id = 0; id < since.length; id++) {
      Engine engine = scopes.engine(id);
      if (engine.pressure() != PressureLevel.EMERGENCY) {
        waiting[id] = false;
      } else if (!waiting[id]) {
        waiting[id] = true;
        since[id] = now;
      } else if (now - since[id] >= patience && (!any[id] || now - ended[id] >= LEAST)) {
        since[id] = now;
        if (end(engine)) {
          any[id] = true;
          ended[id] = now;
        }
      }
    }
  }

  private boolean end(Engine engine) {
    CallBudget[] worst = new CallBudget[1];
    long[] most = {engine.limit() / LITTLE};
    ThreadTable.sweep(
        scope -> {
          CallBudget call = ((EngineThread) scope).budget();
          if (call != null && scope.engine() == engine.id()) {
            CallBudget outermost = call.outermost();
            if (outermost.held.get() > most[0]) {
              most[0] = outermost.held.get();
              worst[0] = outermost;
            }
          }
        });
    return worst[0] != null && scopes.end(worst[0]);
  }
}
