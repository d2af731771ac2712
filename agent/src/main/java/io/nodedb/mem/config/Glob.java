package io.nodedb.mem.config;

import java.util.Arrays;

/**
 * A pattern over names. Immutable.
 *
 * <p>In a class pattern names are segments between dots. {@code *} is any run of characters inside
 * a segment, {@code **} is any run across segments, and {@code **.} is any number of whole
 * segments, none included: {@code **.Select} matches {@code Select} and {@code org.h2.Select},
 * but not {@code org.h2.SubSelect}. In a method pattern {@code *} is any run of characters. Every other
 * character
 * stands for itself, {@code $} too: {@code a.Map} does not match {@code a.Map$Entry}, {@code
 * a.Map*} does.
 *
 * <p>The pattern is a small automaton, one state a token. Matching walks the set of states it can
 * be in, so no pattern is slow; a comparison of what comes before the first star answers most
 * calls.
 */
public final class Glob {
  private static final int STAR = -1;
  private static final int DEEP = -2;
  /** Stands before {@code **.}, which may be skipped as a whole. */
  private static final int SKIP = -3;

  private final String text;
  private final boolean segmented;
  private final int[] tokens;
  private final String prefix;
  private final boolean prefixDecides;

  private Glob(String text, boolean segmented) {
    this.text = text;
    this.segmented = segmented;
    this.tokens = tokenize(text, segmented);
    var literals = 0;
    while (literals < tokens.length && tokens[literals] >= 0) {
      literals++;
    }
    this.prefix = text.substring(0, literals);
    this.prefixDecides = literals == tokens.length - 1 && tokens[literals] == DEEP;
  }

  /**
   * A pattern over dotted class names.
   *
   * @param text the pattern
   * @return the pattern
   * @throws IllegalArgumentException if it can match no class; the message says why
   */
  public static Glob ofClasses(String text) {
    GlobSyntax.checkClasses(text);
    return new Glob(text, true);
  }

  /**
   * A pattern over method names.
   *
   * @param text the pattern
   * @return the pattern
   * @throws IllegalArgumentException if it can match no method; the message says why
   */
  public static Glob ofMethods(String text) {
    GlobSyntax.checkMethods(text);
    return new Glob(text, false);
  }

  private static int[] tokenize(String text, boolean segmented) {
    var tokens = new int[2 * text.length()];
    var n = 0;
    for (var i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '*') {
        tokens[n++] = text.charAt(i);
      } else if (!segmented) {
        tokens[n++] = DEEP;
      } else if (!text.startsWith("**", i)) {
        tokens[n++] = STAR;
      } else {
        var wholeSegments = (i == 0 || text.charAt(i - 1) == '.') && text.startsWith("**.", i);
        if (wholeSegments) {
          tokens[n++] = SKIP;
        }
        tokens[n++] = DEEP;
        i++;
      }
    }
    return Arrays.copyOf(tokens, n);
  }

  /**
   * Whether a name is meant.
   *
   * @param name a class name with dots, or a method name, as the pattern is of
   * @return whether the pattern matches all of it
   */
  public boolean matches(String name) {
    if (!name.startsWith(prefix)) {
      return false;
    }
    if (prefixDecides) {
      return true;
    }
    if (prefix.length() == tokens.length) {
      return name.length() == prefix.length();
    }
    return walk(name);
  }

  private boolean walk(String name) {
    var states = new boolean[tokens.length + 1];
    enter(states, prefix.length());
    for (var i = prefix.length(); i < name.length(); i++) {
      var next = new boolean[states.length];
      for (var state = 0; state < tokens.length; state++) {
        if (states[state] && accepts(state, name.charAt(i))) {
          enter(next, successor(state));
        }
      }
      states = next;
    }
    return states[tokens.length];
  }

  /** Adds a state and those reached from it without a character. */
  void enter(boolean[] states, int state) {
    states[state] = true;
    if (state == tokens.length || tokens[state] >= 0) {
      return;
    }
    enter(states, state + 1);
    if (tokens[state] == SKIP) {
      enter(states, state + 3);
    }
  }

  /** Whether a state goes on over a character. */
  boolean accepts(int state, int c) {
    return switch (tokens[state]) {
      case STAR -> c != '.';
      case DEEP -> true;
      case SKIP -> false;
      default -> tokens[state] == c;
    };
  }

  /** Where a state goes when it accepts. */
  int successor(int state) {
    return tokens[state] < 0 ? state : state + 1;
  }

  int[] tokens() {
    return tokens;
  }

  boolean segmented() {
    return segmented;
  }

  /**
   * Whether some name is matched by both. Exact: over class patterns, a name is a sequence of
   * non-empty segments; over method patterns, a non-empty sequence of characters.
   *
   * @param other a pattern of the same sort
   * @return whether there is one
   */
  public boolean intersects(Glob other) {
    if (segmented != other.segmented) {
      throw new IllegalArgumentException("a class pattern and a method pattern: " + this + other);
    }
    return new GlobIntersection(this, other).exists();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Glob g && g.segmented == segmented && g.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The pattern as written. */
  @Override
  public String toString() {
    return text;
  }
}
