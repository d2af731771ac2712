package io.nodedb.mem.governor;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that run an engine's spill handler: they may draw on the engine's {@link SpillReserve}, are
 * refused rather than left to wait for room that only they can make, and it is counted what they
 * release. Thread-safe.
 */
final class Handlers {
  private static final class Call {
    final Engine engine;
    long released;

    Call(Engine engine) {
      this.engine = engine;
    }
  }

  private final ThreadLocal<Call> current = new ThreadLocal<>();

  /** Spares everybody the look at {@link #current} while no handler runs. */
  private final AtomicInteger running = new AtomicInteger();

  /** Runs a handler. What this thread released to the engine meanwhile. */
  long run(Engine engine, Runnable handler) {
    Call before = current.get();
    Call call = new Call(engine);
    current.set(call);
    running.incrementAndGet();
    try {
      handler.run();
      return call.released;
    } finally {
      running.decrementAndGet();
      if (before == null) {
        current.remove();
      } else {
        current.set(before);
      }
    }
  }

  /** Whether this thread runs a handler. */
  boolean here() {
    return running.get() != 0 && current.get() != null;
  }

  /** Whether this thread runs a handler of that engine. */
  boolean here(Engine engine) {
    return running.get() != 0 && current.get() instanceof Call call && call.engine == engine;
  }

  void released(EngineUse engine, long bytes) {
    if (running.get() != 0 && current.get() instanceof Call call && call.engine == engine) {
      call.released += bytes;
    }
  }
}
