package io.nodedb.mem.instrument;

import java.nio.charset.StandardCharsets;

/**
 * Looks for a string among the constants of a class file. Every class the application loads comes
 * through here, so it walks the bytes as they are and allocates nothing.
 */
final class ConstantPool {
  private static final int FIRST_CONSTANT = 10;

  private final byte[] wanted;

  /**
   * A search for one string.
   *
   * @param wanted what to look for; ASCII
   */
  ConstantPool(String wanted) {
    this.wanted = wanted.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Whether a class file holds the string as a constant of its own.
   *
   * @param file the class file
   * @return whether it does; false for what is no class file
   */
  boolean mentions(byte[] file) {
    if (file.length < FIRST_CONSTANT) {
      return false;
    }
    int count = u2(file, FIRST_CONSTANT - 2);
    int at = FIRST_CONSTANT;
    for (int i = 1; i < count; i++) {
      if (at + 2 >= file.length) {
        return false;
      }
      switch (file[at]) {
        case 1 -> { // Utf8
          int length = u2(file, at + 1);
          if (length == wanted.length && matches(file, at + 3)) {
            return true;
          }
          at += 3 + length;
        }
        case 5, 6 -> { // Long and Double take two indices
          at += 9;
          i++;
        }
        case 7, 8, 16, 19, 20 -> at += 3;
        case 15 -> at += 4;
        case 3, 4, 9, 10, 11, 12, 17, 18 -> at += 5;
        default -> {
          return false;
        }
      }
    }
    return false;
  }

  private boolean matches(byte[] file, int at) {
    if (at + wanted.length > file.length) {
      return false;
    }
    // From the end: descriptors of one package differ there.
    for (int i = wanted.length - 1; i >= 0; i--) {
      if (file[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private static int u2(byte[] file, int at) {
    return (file[at] & 0xff) << 8 | file[at + 1] & 0xff;
  }
}
