package io.nodedb.mem.overflow;

import java.util.UUID;

/**
 * A slot as the application sees it: one positive long.
 *
 * <pre>
 *   63   62        48 47            28 27             0
 *   +---+------------+----------------+---------------+
 *   | 0 | region tag | generation     | index         |
 *   +---+------------+----------------+---------------+
 * </pre>
 *
 * The tag is folded from the region's UUID: a slot of another region is recognised, but for one
 * pair of regions in 32,767. The generation grows by one each time an index is used again and wraps
 * from 1,048,575 to 1, so a freed slot is recognised although its index is in use. No slot is 0.
 */
final class SlotId {
  static final int INDEX_BITS = 28;
  static final int GENERATION_BITS = 20;
  static final int MAX_INDEX = (1 << INDEX_BITS) - 1;
  static final int MAX_GENERATION = (1 << GENERATION_BITS) - 1;
  static final int MAX_TAG = (1 << 15) - 1;

  private SlotId() {}

  static long pack(int tag, int generation, int index) {
    return (long) tag << (INDEX_BITS + GENERATION_BITS)
        | (long) generation << INDEX_BITS
        | index;
  }

  static int tag(long slot) {
    return (int) (slot >>> (INDEX_BITS + GENERATION_BITS));
  }

  static int generation(long slot) {
    return (int) (slot >>> INDEX_BITS) & MAX_GENERATION;
  }

  static int index(long slot) {
    return (int) slot & MAX_INDEX;
  }

  static int nextGeneration(int generation) {
    return generation == MAX_GENERATION ? 1 : generation + 1;
  }

  /** A region's tag, 1 to 32,767. */
  static int tagOf(UUID region) {
    long bits = region.getMostSignificantBits() ^ region.getLeastSignificantBits();
    bits ^= bits >>> 32;
    bits ^= bits >>> 16;
    return 1 + (int) ((bits & 0xffff) % MAX_TAG);
  }

  static String show(long slot) {
    return slot + " (region tag " + tag(slot) + ", generation " + generation(slot) + ", index "
        + index(slot) + ")";
  }
}
