package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException.Bound;

/**
 * An engine's requests that found no room at once: tried again while that may be owed to a step that
 * another thread has not finished, then taken through the breach order. Thread-safe.
 */
final class Requests {
  /** How often a request is tried again because of another's unfinished step. */
  private static final int SETTLE = 64;

  private static final LedgerKind[] KINDS = LedgerKind.values();

  private final Engine engine;
  private final Governor governor;
  private final SpillReserve reserve;

  Requests(Engine engine, Governor governor, SpillReserve reserve) {
    this.engine = engine;
    this.governor = governor;
    this.reserve = reserve;
  }

  /** Charges; throws if the breach order refuses. */
  void admit(LedgerKind kind, long bytes, BreachMode mode) {
    governor.breachOrder.run(
        engine,
        kind,
        bytes,
        new Request() {
          @Override
          public Bound attempt() {
            return engine.tryAdd(kind, bytes);
          }

          @Override
          public void force() {
            engine.charge(kind, bytes);
          }

          @Override
          public boolean draw() {
            return reserve.spend(kind, bytes);
          }
        },
        mode);
  }

  /** Charges if there is room without what is held or lent ahead of use, which refuses nobody. */
  boolean tryAdmit(LedgerKind kind, long bytes) {
    try (Recall recall = new Recall(governor, engine)) {
      return recall.attempt(() -> engine.tryAdd(kind, bytes)) == null
          || (governor.rebalancer().takeBack(engine)
              && recall.attempt(() -> engine.tryAdd(kind, bytes)) == null);
    }
  }

  /**
   * Charges nothing; throws if the breach order makes no room for so many bytes. Its steps are taken
   * until there is room for more: an engine would else go on for some bytes at a time, each
   * found by a collection of its own, before anything is spilled or borrowed.
   */
  void requireRoom(LedgerKind kind, long bytes, long more, BreachMode mode) {
    governor.breachOrder.run(
        engine,
        kind,
        more,
        new Request() {
          /** Attempts are one after the other: by the thread that asks, or under the queue's lock. */
          private boolean met;

          private long needed = bytes;

          @Override
          public Bound attempt() {
            Bound bound = engine.refusal(kind, needed);
            if (bound != null && !met) {
              met = true;
              needed = more;
            }
            return bound;
          }

          /** And for who waits from now on. */
          @Override
          public Bound last(Bound refused) {
            needed = bytes;
            return attempt();
          }

          @Override
          public void force() {}

          @Override
          public boolean draw() {
            return reserve.giveWay(bytes);
          }
        },
        mode);
  }

  /** Charges what another engine hands over; throws if the breach order refuses. */
  void receive(LedgerKind kind, long bytes) {
    governor.breachOrder.run(
        engine,
        kind,
        bytes,
        new Request() {
          @Override
          public Bound attempt() {
            return engine.tryReceive(kind, bytes) ? null : Bound.ENGINE;
          }

          @Override
          public void force() {
            engine.forceReceive(kind, bytes);
          }
        },
        BreachMode.INHERIT);
  }

  /** Tries again for as long as a refusal may be due to others' steps. Null, or the bound. */
  Bound settle(LedgerKind kind, long bytes, Bound refused) {
    Bound bound = refused;
    for (int i = 0; bound != null && i < SETTLE && unsettled(bound, bytes); i++) {
      if (i < SETTLE / 2) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
      bound = engine.tryAddOnce(kind, bytes);
    }
    return bound;
  }

  /** Whether a refusal may be owed to a step that another thread has not finished. */
  private boolean unsettled(Bound bound, long bytes) {
    return switch (bound) {
      case ENGINE -> {
        long settled = 0;
        for (LedgerKind kind : KINDS) {
          settled += engine.used(kind);
        }
        yield bytes <= engine.bound() - settled;
      }
      case HEAP_CEILING -> {
        long settled = 0;
        for (Engine each : governor.engines()) {
          settled += each.used(LedgerKind.HEAP);
        }
        yield bytes <= governor.heapCeiling() - settled;
      }
      // The total is moved last: it holds nothing that could be undone.
      case CEILING, PER_CALL, MAPPING -> false;
    };
  }
}
