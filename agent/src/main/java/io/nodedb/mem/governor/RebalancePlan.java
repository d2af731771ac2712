package io.nodedb.mem.governor;

import io.nodedb.mem.governor.Rebalance.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * The arithmetic of moving budget: which engine gives how much to which. Plain figures in, moves out;
 * not thread-safe.
 *
 * <p>Every move takes from one limit what it adds to another, so the sum of limits never grows. Nobody
 * gives what it holds, and a lender keeps enough to stay calm, so that lending makes no pressure and
 * no need of its own: budget does not swing.
 *
 * <p>An engine that has lent and needs its budget is served from what borrowers do not use, then from
 * other idle engines. For the rest the borrowers are held: admission treats their base as the limit
 * until what they release has paid the debt.
 */
final class RebalancePlan {
  /**
   * Budget to be moved.
   *
   * @param from index of the engine that gives
   * @param to index of the engine that gets
   * @param bytes how much
   * @param reason why
   */
  record Shift(int from, int to, long bytes, Reason reason) {}

  private final Stand[] stands;
  private final long[] limits;
  private final boolean[] held;
  private final List<Shift> shifts = new ArrayList<>();

  RebalancePlan(Stand[] stands) {
    this.stands = stands;
    this.limits = new long[stands.length];
    this.held = new boolean[stands.length];
    for (int i = 0; i < stands.length; i++) {
      limits[i] = stands[i].limit();
      held[i] = stands[i].held();
    }
  }

  List<Shift> shifts() {
    return shifts;
  }

  /** Whether an engine has to stay within its base until its debt is paid. */
  boolean held(int engine) {
    return held[engine];
  }

  /** The limit with the moves planned so far. */
  long limit(int engine) {
    return limits[engine];
  }

  /** What an engine has lent, with the moves planned so far. */
  long lent(int engine) {
    return Math.max(0, stands[engine].base() - limits[engine]);
  }

  /** What an engine has borrowed, with the moves planned so far. */
  long borrowed(int engine) {
    return Math.max(0, limits[engine] - stands[engine].base());
  }

  /** What borrowers do not use goes to an engine that has lent, up to its base. */
  void takeBack(int engine, Reason reason) {
    drain(this::spare, engine, lent(engine), reason);
  }

  /** All an engine has lent comes back, or what can; borrowers are held for the rest. */
  void refund(int engine) {
    takeBack(engine, Reason.REFUNDED);
    drain(this::lendable, engine, lent(engine), Reason.REFUNDED);
    long owed = lent(engine);
    while (owed > 0) {
      int most = most(i -> held[i] ? 0 : borrowed(i), engine);
      if (most < 0) {
        return;
      }
      held[most] = true;
      owed -= borrowed(most);
    }
  }

  /** Holds nobody, unless what is planned from here on does. */
  void forgive() {
    Arrays.fill(held, false);
  }

  /** Holds every engine that has borrowed. */
  void holdBorrowers() {
    for (int i = 0; i < stands.length; i++) {
      held[i] |= borrowed(i) > 0;
    }
  }

  /** What an engine has borrowed and does not use goes back, to who has lent most first. */
  void giveBack(int engine, Reason reason) {
    long left = spare(engine);
    while (left > 0) {
      int owed = most(this::lent, engine);
      if (owed < 0) {
        return;
      }
      long bytes = Math.min(left, lent(owed));
      shift(engine, owed, bytes, reason);
      left -= bytes;
    }
  }

  /**
   * Idle engines lend.
   *
   * @param engine who gets
   * @param least nothing moves if there is less
   * @param want how much at most
   */
  void lend(int engine, long least, long want) {
    long there = 0;
    for (int i = 0; i < stands.length; i++) {
      there += i == engine ? 0 : lendable(i);
    }
    if (there > 0 && there >= least) {
      drain(this::lendable, engine, want, Reason.LENT);
    }
  }

  private void drain(IntToLongFunction giver, int to, long want, Reason reason) {
    long left = want;
    while (left > 0) {
      int from = most(giver, to);
      if (from < 0) {
        return;
      }
      long bytes = Math.min(left, giver.applyAsLong(from));
      shift(from, to, bytes, reason);
      left -= bytes;
    }
  }

  private void shift(int from, int to, long bytes, Reason reason) {
    limits[from] -= bytes;
    limits[to] += bytes;
    shifts.add(new Shift(from, to, bytes, reason));
  }

  /** Borrowed and neither in use nor about to be. */
  private long spare(int i) {
    return Math.max(0, limits[i] - Math.max(stands[i].base(), stands[i].hold()));
  }

  private long lendable(int i) {
    boolean own = stands[i].lends() && limits[i] <= stands[i].base();
    return own ? Math.max(0, limits[i] - stands[i].keep()) : 0;
  }

  /** The engine with most of it, -1 if none has any. */
  private int most(IntToLongFunction amount, int except) {
    int best = -1;
    long most = 0;
    for (int i = 0; i < stands.length; i++) {
      if (i != except && amount.applyAsLong(i) > most) {
        most = amount.applyAsLong(i);
        best = i;
      }
    }
    return best;
  }
}
