package io.nodedb.mem.offheap;

import io.nodedb.mem.ArenaOption;

/** Reads options without making a collection of them. */
final class Options {
  private Options() {}

  static boolean shared(ArenaOption... options) {
    return has(ArenaOption.SHARED, options);
  }

  static boolean zeroed(ArenaOption... options) {
    return !has(ArenaOption.UNZEROED, options);
  }

  private static boolean has(ArenaOption wanted, ArenaOption... options) {
    for (ArenaOption option : options) {
      if (option == wanted) {
        return true;
      }
    }
    return false;
  }
}
