package io.nodedb.mem.it;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;

/** Polls for the first time where the stack is at its end, again and again with a little more of it. */
final class FirstPollMain {
  private static volatile Object sink;

  private FirstPollMain() {}

  /** What the rules match. */
  static final class Polled {
    private Polled() {}

    /** Has the hooks found, and does not poll, as it allocates nothing. */
    @EngineBudget(Engines.QUERY)
    static int scope(int value) {
      return value + 1;
    }

    static void touch() {
      sink = new Object();
    }
  }

  private static void dive() {
    try {
      dive();
    } catch (StackOverflowError e) {
      Polled.touch();
      throw e;
    }
  }

  public static void main(String[] args) {
    System.out.println("scope=" + Polled.scope(0));
    try {
      dive();
    } catch (StackOverflowError e) {
      System.out.println("overflown=true");
    }
    Polled.touch();
    System.out.println("polled=true");
  }
}
