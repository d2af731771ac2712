package io.nodedb.mem.hook;

/**
 * What rewritten collections of the JDK call before they grow. Unlike the gates of matched code these
 * look at large arrays only, never at small ones because some engine is in breach: the JDK's own
 * workings are full of small collections.
 */
public final class Growth {
  /**
   * A hash table of this many slots is never refused, whatever the threshold: smaller ones may be
   * resized in the middle of an insertion, before the map's size is counted.
   */
  private static final int SMALL_TABLE = 256;

  private static final int DEFAULT_TABLE = 16;

  private static int referenceShift = 3;

  private Growth() {}

  static void install(int newReferenceShift) {
    referenceShift = newReferenceShift;
  }

  /**
   * Before an array is allocated.
   *
   * @param length its length; a negative one will be refused by the allocation itself
   * @param shift log2 of its element size
   */
  public static void gate(int length, int shift) {
    Hooks.gateLarge((long) length << shift);
  }

  /**
   * Before a hash table doubles or is first allocated.
   *
   * @param table the table, null if there is none yet
   * @param initial its capacity if there is none yet, 0 for the default
   */
  public static void table(Object[] table, int initial) {
    long slots = table != null ? 2L * table.length : initial > 0 ? initial : DEFAULT_TABLE;
    if (slots > SMALL_TABLE) {
      Hooks.gateLarge(slots << referenceShift);
    }
  }

  /**
   * Before an element is added to a ring of slots, one of which is always free: it grows by half once
   * the element is in, and would look empty if that failed.
   *
   * @param slots the ring
   * @param head index of the first element
   * @param tail index of the slot after the last
   */
  public static void ring(Object[] slots, int head, int tail) {
    int after = tail + 1;
    if ((after == slots.length ? 0 : after) == head) {
      Hooks.gateLarge((slots.length * 3L >> 1) << referenceShift);
    }
  }
}
