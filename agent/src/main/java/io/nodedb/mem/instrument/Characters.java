package io.nodedb.mem.instrument;

/**
 * Characters of strings for ASM, whose calls of {@link String#charAt} the build turns to this
 * (CharacterReads): what is counted there, by the million, is then not in the profile by which the JIT
 * compiles the application's loops.
 */
public final class Characters {
  private Characters() {}

  /**
   * As {@link String#charAt}.
   *
   * @param text the string
   * @param index of the character, from 0
   * @return the character
   * @throws StringIndexOutOfBoundsException if there is none
   */
  public static char at(String text, int index) {
    int point = text.codePointAt(index);
    return point <= Character.MAX_VALUE ? (char) point : Character.highSurrogate(point);
  }
}
