package io.nodedb.mem.heap;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Keeps the samples strongly reachable, for a weak reference that is itself unreachable is never
 * enqueued. Guarded by the ledger's lock.
 *
 * <p>An array, as a young collection copies each young sample, and each lies on another page: from
 * the slots of an array it fetches many at once, while a list lets it know the next only when the one
 * before has come from memory. In chunks, so that no chunk is large and growing copies none; they are
 * kept, some bytes for each sample that there ever was at a time.
 */
final class SampleTable {
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK = 1 << CHUNK_BITS;

  private final IntFunction<SampleRef[]> maker;
  private SampleRef[][] chunks;
  private int size;

  SampleTable() {
    this(SampleRef[]::new);
  }

  /** With chunks of somebody else's making. */
  SampleTable(IntFunction<SampleRef[]> maker) {
    this.maker = maker;
    chunks = new SampleRef[][] {maker.apply(CHUNK)};
  }

  /**
   * Adds a sample that is not there.
   *
   * @return false if there is no memory for a larger table; nothing has changed then
   */
  boolean add(SampleRef ref) {
    if (!ensureRoom()) {
      return false;
    }
    put(size, ref);
    size++;
    return true;
  }

  boolean holds(SampleRef ref) {
    return ref.place != SampleRef.NOWHERE;
  }

  /** Takes a sample out that is there; the last moves to its place. */
  void remove(SampleRef ref) {
    int last = size - 1;
    put(ref.place, get(last));
    chunks[last >> CHUNK_BITS][last & (CHUNK - 1)] = null;
    ref.place = SampleRef.NOWHERE;
    size = last;
  }

  int size() {
    return size;
  }

  /** The sample at a place from 0 to {@link #size}. */
  SampleRef get(int place) {
    return chunks[place >> CHUNK_BITS][place & (CHUNK - 1)];
  }

  private void put(int place, SampleRef ref) {
    chunks[place >> CHUNK_BITS][place & (CHUNK - 1)] = ref;
    ref.place = place;
  }

  private boolean ensureRoom() {
    int chunk = size >> CHUNK_BITS;
    try {
      if (chunk == chunks.length) {
        chunks = Arrays.copyOf(chunks, chunk * 2);
      }
      if (chunks[chunk] == null) {
        chunks[chunk] = maker.apply(CHUNK);
      }
      return size < Integer.MAX_VALUE;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }
}
