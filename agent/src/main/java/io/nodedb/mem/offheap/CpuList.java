package io.nodedb.mem.offheap;

import java.util.BitSet;

/** The kernel's notation for sets of small numbers: {@code 0-3,8,10-11}. */
final class CpuList {
  private CpuList() {}

  /**
   * Parses a list.
   *
   * @param text the list; blank for the empty set
   * @return the set
   * @throws IllegalArgumentException if it is no list
   */
  static BitSet parse(String text) {
    BitSet set = new BitSet();
    String list = text.strip();
    if (list.isEmpty()) {
      return set;
    }
    for (String part : list.split(",")) {
      int dash = part.indexOf('-');
      try {
        int from = Integer.parseInt((dash < 0 ? part : part.substring(0, dash)).strip());
        int to = dash < 0 ? from : Integer.parseInt(part.substring(dash + 1).strip());
        set.set(from, to + 1);
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        throw new IllegalArgumentException(
            "cpu list: '" + list + "' (expected: numbers and ranges such as 0-3,8)", e);
      }
    }
    return set;
  }
}
