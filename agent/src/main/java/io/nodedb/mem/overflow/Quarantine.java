package io.nodedb.mem.overflow;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.Predicate;

/**
 * Freed extents that something may still refer to. Guarded by the region's lock.
 *
 * <p>A slot born before checkpoint b was taken and freed before checkpoint f was taken is contained
 * in the checkpoints b, b + 1, ... f - 1, and in no other. Its extent may be used again when none
 * of them is retained, its free record is durable, and no view of it is open.
 */
final class Quarantine {
  /**
   * One freed extent.
   *
   * @param index the slot's index, reusable together with the extent; -1 if it has none
   * @param offset where the extent is
   * @param size its bytes, a multiple of 16
   * @param lsn the record that freed it
   * @param birth the first checkpoint that contains the slot, if it is before {@code freed}
   * @param freed the first checkpoint that does not contain it any more
   */
  record Held(int index, long offset, long size, long lsn, long birth, long freed) {
    boolean reusable(long durableLsn, long[] retained) {
      if (lsn > durableLsn) {
        return false;
      }
      for (long checkpoint : retained) {
        if (birth <= checkpoint && checkpoint < freed) {
          return false;
        }
      }
      return true;
    }
  }

  private final ArrayDeque<Held> queue = new ArrayDeque<>();
  private long bytes;

  void add(Held held) {
    queue.add(held);
    bytes += held.size();
  }

  /**
   * Takes out what may be used again. Looks at everything held: called after a checkpoint or when
   * an allocation found no room, not for each write.
   */
  void drain(
      long durableLsn, long[] retained, Predicate<Held> unviewed,
      java.util.function.Consumer<Held> sink) {
    for (Iterator<Held> i = queue.iterator(); i.hasNext(); ) {
      Held held = i.next();
      if (held.reusable(durableLsn, retained) && unviewed.test(held)) {
        i.remove();
        bytes -= held.size();
        sink.accept(held);
      }
    }
  }

  /** Bytes held back. */
  long bytes() {
    return bytes;
  }

  /** Extents held back. */
  int size() {
    return queue.size();
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }
}
