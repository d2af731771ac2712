package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Tells whoever lends budget, after collections, how much of the live heap no engine is charged for.
 * One thread at a time.
 */
final class UnattributedHeap {
  private final List<Engine> engines;
  private final LongSupplier collections;
  private final LongSupplier usedAfter;
  private final Runnable drain;
  private final LongConsumer told;
  private long seen;

  /** What engines had allocated at the last look. */
  private long allocated;

  /**
   * Has looked at nothing yet.
   *
   * @param engines all there are
   * @param collections how many there were
   * @param usedAfter bytes that the heap held when the last of them ended
   * @param drain takes from the ledgers what collections have found dead
   * @param told bytes, after each collection that is noticed
   */
  UnattributedHeap(
      List<Engine> engines,
      LongSupplier collections,
      LongSupplier usedAfter,
      Runnable drain,
      LongConsumer told) {
    this.engines = engines;
    this.collections = collections;
    this.usedAfter = usedAfter;
    this.drain = drain;
    this.told = told;
  }

  /** Looks again if a collection has ended since it last did. */
  void tick() {
    long before = allocated;
    long ended = collections.getAsLong();
    if (ended != seen) {
      seen = ended;
      long live = usedAfter.getAsLong();
      // What the collection found dead is given back first, else it would hide what is nobody's.
      drain.run();
      allocated = allocated();
      // And what engines have allocated since would: all that they have since the last look, of
      // which some was before the collection. Rather too much is nobody's than too little.
      long attributed = used() - (allocated - before);
      told.accept(Math.max(0, live - Math.max(0, attributed)));
    } else {
      allocated = allocated();
    }
  }

  private long used() {
    long sum = 0;
    for (Engine engine : engines) {
      sum += engine.used(LedgerKind.HEAP);
    }
    return sum;
  }

  private long allocated() {
    long sum = 0;
    for (Engine engine : engines) {
      sum += engine.allocated();
    }
    return sum;
  }
}
