package io.nodedb.mem.heap;

/** Makes sure of the stack before a step that must not be left halfway. */
final class StackRoom {
  /** Frames of 32 bytes at least when compiled, of a hundred and more when interpreted. */
  private static final int DEPTH = 512;

  private StackRoom() {}

  /**
   * Returns if there are some 16 KiB of stack left.
   *
   * @throws StackOverflowError if not
   */
  static void ensure() {
    if (reach(DEPTH) != DEPTH) {
      throw new AssertionError();
    }
  }

  /** Whether there is as much, for a step that can be left out. */
  static boolean isThere() {
    try {
      ensure();
      return true;
    } catch (StackOverflowError e) {
      return false;
    }
  }

  private static int reach(int depth) {
    return depth == 0 ? 0 : 1 + reach(depth - 1);
  }
}
