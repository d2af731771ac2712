package io.nodedb.mem.heap;

import io.nodedb.mem.BreachMode;

/** An open scope of a {@link Site}. Used by its thread alone. */
final class CallFrame {
  final CallFrame outer;
  final int outerEngine;
  final int depth;
  final Site site;

  /** The budget in force: the nearest outermost call that has one; null if there is none. */
  final CallBudget budget;

  CallFrame(CallFrame outer, int outerEngine, Site site, long allocated) {
    this.outer = outer;
    this.outerEngine = outerEngine;
    this.depth = outer == null ? 0 : outer.depth + 1;
    this.site = site;
    CallBudget inherited = outer == null ? null : outer.budget;
    boolean opens = site.perCall() != Long.MAX_VALUE && !nested(outer, site);
    this.budget = opens ? new CallBudget(site, allocated, inherited) : inherited;
  }

  /** Whether this frame opened {@link #budget}. */
  boolean opensBudget() {
    return budget != null && (outer == null || outer.budget != budget);
  }

  /** The mode that the innermost frame asks for, if it is an engine's own; frame may be null. */
  static BreachMode mode(CallFrame frame, int engine) {
    return frame == null || frame.site.engine() != engine
        ? BreachMode.INHERIT
        : frame.site.mode();
  }

  private static boolean nested(CallFrame frame, Site site) {
    for (CallFrame f = frame; f != null; f = f.outer) {
      if (f.site == site) {
        return true;
      }
    }
    return false;
  }
}
