package io.nodedb.mem.heap;

import java.util.function.LongSupplier;

/** One way of knowing what of an engine's heap is live. */
interface HeapLedger {
  /** As shown in JMX: {@code estimated} or {@code sampled}. */
  String accounting();

  /** Whether it learns by itself what virtual threads allocate, for which the JVM has no counter. */
  default boolean countsVirtual() {
    return false;
  }

  /**
   * Bytes that an engine was charged for and no longer is, as far as that is known and not guessed.
   * Only ever grows.
   */
  default long released(int engine) {
    return 0;
  }

  /** Charges what the current thread has allocated so far, if this ledger needs telling. */
  void settle(EngineThread current);

  /** Bytes that an engine may have allocated and not be charged for yet. Any thread. */
  default long behind(int engine) {
    return 0;
  }

  /** Every few milliseconds, on the ticker's thread. */
  void tick();

  /** Takes into account what collections have found dead that ended before. Bounded time. */
  void drain();

  /** After an assisted collection, on the thread that asked for it. */
  void collected();

  /** Brings the held bytes of a call up to date. */
  void update(CallBudget budget, LongSupplier allocated);
}
