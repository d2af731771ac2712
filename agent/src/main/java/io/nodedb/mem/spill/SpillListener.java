package io.nodedb.mem.spill;

import java.util.function.Consumer;

/** Hears of calls of handlers. Thread-safe; returns soon. */
@FunctionalInterface
public interface SpillListener {
  /**
   * A call begins, on this thread.
   *
   * @param restoring whether the handler is offered room
   * @return told when the call has ended or was given up, on any thread
   */
  Consumer<SpillReport> began(boolean restoring);
}
