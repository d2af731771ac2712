package io.nodedb.mem.config;

import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * Whether two patterns share a name: a search through the product of their automata and a third one
 * that knows what a name is (no empty segment). Letters that neither pattern spells out behave
 * alike, so one stand-in for all of them is enough.
 */
final class GlobIntersection {
  private static final int ANY_OTHER_LETTER = 0xFFFF;

  private final Glob left;
  private final Glob right;
  private final int[] letters;
  private final BitSet seen = new BitSet();
  private final ArrayDeque<Integer> open = new ArrayDeque<>();

  GlobIntersection(Glob left, Glob right) {
    this.left = left;
    this.right = right;
    var spelled = new BitSet();
    for (var glob : new Glob[] {left, right}) {
      for (var token : glob.tokens()) {
        if (token >= 0) {
          spelled.set(token);
        }
      }
    }
    if (left.segmented()) {
      spelled.set('.');
    }
    spelled.set(ANY_OTHER_LETTER);
    this.letters = spelled.stream().toArray();
  }

  boolean exists() {
    reach(0, 0, false);
    while (!open.isEmpty()) {
      int at = open.remove();
      var inSegment = (at & 1) != 0;
      var l = (at >> 1) / (right.tokens().length + 1);
      var r = (at >> 1) % (right.tokens().length + 1);
      if (l == left.tokens().length && r == right.tokens().length) {
        if (inSegment) {
          return true;
        }
        continue;
      }
      step(l, r, inSegment);
    }
    return false;
  }

  private void step(int l, int r, boolean inSegment) {
    if (l == left.tokens().length || r == right.tokens().length) {
      return;
    }
    for (var letter : letters) {
      var dot = left.segmented() && letter == '.';
      if (dot && !inSegment) {
        continue;
      }
      if (left.accepts(l, letter) && right.accepts(r, letter)) {
        reach(left.successor(l), right.successor(r), !dot);
      }
    }
  }

  private void reach(int l, int r, boolean inSegment) {
    var ls = new boolean[left.tokens().length + 1];
    var rs = new boolean[right.tokens().length + 1];
    left.enter(ls, l);
    right.enter(rs, r);
    for (var i = 0; i < ls.length; i++) {
      for (var j = 0; ls[i] && j < rs.length; j++) {
        var at = (i * rs.length + j) * 2 + (inSegment ? 1 : 0);
        if (rs[j] && !seen.get(at)) {
          seen.set(at);
          open.add(at);
        }
      }
    }
  }
}
