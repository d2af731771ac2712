package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;
import java.util.function.Consumer;

/**
 * What engines and calls are charged for samples, and what of that is given back. An engine's id is
 * its place among the accounts. Thread-safe, but for what is given back, which belongs to the holder of
 * the ledger's lock.
 */
final class SampleCharges {
  private final Account[] accounts;
  private final SampleTally[] tallies;

  /** Weights to be given back, per engine. */
  private final long[] freed;

  private volatile Consumer<CallBudget> overrun = call -> {};

  SampleCharges(List<? extends Account> accounts) {
    this.accounts = accounts.toArray(new Account[0]);
    freed = new long[this.accounts.length];
    tallies = new SampleTally[this.accounts.length];
    for (int i = 0; i < tallies.length; i++) {
      tallies[i] = new SampleTally();
    }
  }

  /** See {@link SampleLedger#onOverrun}. */
  void onOverrun(Consumer<CallBudget> watcher) {
    overrun = watcher;
  }

  int engines() {
    return accounts.length;
  }

  String name(int engine) {
    return accounts[engine].engine();
  }

  SampleTally tally(int engine) {
    return tallies[engine];
  }

  /**
   * Charges unless somebody has. Engine and call are those of the allocation: if the sample is
   * transferred before this has charged, the transfer has taken from them what is added here.
   *
   * @param owner the state of the current thread if it is the one that allocated, or null
   */
  void charge(SampleRef ref, int engine, CallBudget call, EngineThread owner) {
    if (ref.claim()) {
      tallies[engine].charge(ref.weight);
      hold(call, ref.weight);
      long admitted = owner == null ? 0 : owner.array.arrived(engine, ref.weight);
      accounts[engine].charge(LedgerKind.HEAP, ref.weight - admitted);
      for (CallBudget each = call; each != null; each = each.outer) {
        if (each.over()) {
          overrun.accept(each);
        }
      }
    }
  }

  /** Takes a sample from its call now, from its engine with the next {@link #giveBack}. */
  void release(SampleRef ref) {
    hold(ref.call, -ref.weight);
    freed[ref.engine] += ref.weight;
  }

  void giveBack() {
    for (int i = 0; i < freed.length; i++) {
      if (freed[i] != 0) {
        accounts[i].release(LedgerKind.HEAP, freed[i]);
        tallies[i].released.add(freed[i]);
        freed[i] = 0;
      }
    }
  }

  /** Gives a sample to another engine, whose account has its weight already. */
  void move(SampleRef ref, int from, int to) {
    hold(ref.call, -ref.weight);
    ref.call = null;
    ref.engine = to;
    tallies[from].released.add(ref.weight);
    tallies[to].charged.add(ref.weight);
    tallies[to].received.add(ref.weight);
  }

  /** What the engines' heap ledgers hold. */
  void usedInto(long[] used) {
    for (int i = 0; i < used.length; i++) {
      used[i] = accounts[i].used(LedgerKind.HEAP);
    }
  }

  void resetTallies() {
    for (SampleTally tally : tallies) {
      tally.reset();
    }
  }

  private static void hold(CallBudget innermost, long bytes) {
    for (CallBudget call = innermost; call != null; call = call.outer) {
      call.held.addAndGet(bytes);
    }
  }
}
