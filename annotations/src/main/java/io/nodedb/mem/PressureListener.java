package io.nodedb.mem;

/** Hears of pressure transitions. */
@FunctionalInterface
public interface PressureListener {
  /**
   * Called once per transition, in order, on a thread of this listener's own. A listener that is
   * slow or throws delays nobody but itself; when it is more than 256 transitions behind, the oldest
   * are dropped.
   *
   * @param transition what happened
   */
  void onTransition(PressureTransition transition);
}
