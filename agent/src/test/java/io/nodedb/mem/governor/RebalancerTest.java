package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.governor.Rebalance.Reason;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RebalancerTest {
  /** Large enough that a limit's margin is small against it. */
  private static final long UNIT = 1 << 20;

  private final Given given =
      Given.ceiling(1000 * UNIT)
          .engine("a", 500 * UNIT, 125 * UNIT)
          .engine("b", 500 * UNIT, 125 * UNIT)
          .rebalancing(0.05, WorkloadHint.AUTO);

  private final Governor governor = given.governor();
  private final Engine a = governor.engine("a");
  private final Engine b = governor.engine("b");

  private void rounds(int count) {
    for (int i = 0; i < count; i++) {
      governor.rebalancer().round();
      assertThat(a.limit() + b.limit()).isLessThanOrEqualTo(1000 * UNIT);
    }
  }

  @Test
  void idleEngineLendsToOneThatMeetsItsLimit() {
    governor.reserve("a", 490 * UNIT);
    rounds(3);
    governor.reserve("a", 100 * UNIT);
    assertThat(a.limit()).isEqualTo(590 * UNIT);
    assertThat(b.limit()).isEqualTo(410 * UNIT);
    assertThat(given.moves)
        .singleElement()
        .isEqualTo(
            new Rebalance("b", "a", 90 * UNIT, 410 * UNIT, 590 * UNIT, Reason.LENT));
    assertThat(governor.rebalancer().count()).isEqualTo(1);
  }

  @Test
  void whoNeedsLittleGetsAStep() {
    governor.reserve("a", 500 * UNIT);
    rounds(3);
    governor.reserve("a", 1);
    assertThat(a.limit()).isEqualTo(550 * UNIT);
    rounds(1);
    assertThat(a.limit()).as("a step ahead, after a shortage").isEqualTo(600 * UNIT);
    rounds(5);
    assertThat(a.limit()).as("no shortage since").isEqualTo(600 * UNIT);
  }

  @Test
  void nobodyLendsBeforeItWasQuietForSomeIntervals() {
    governor.reserve("a", 500 * UNIT);
    rounds(2);
    assertThat(governor.tryReserve("a", 1)).isEmpty();
    assertThatThrownBy(() -> governor.reserve("a", 1))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(given.moves).isEmpty();
  }

  @Test
  void lenderKeepsItsMinimumAndStaysCalm() {
    governor.reserve("b", 200 * UNIT);
    governor.reserve("a", 500 * UNIT);
    rounds(3);
    for (int i = 0; i < 20; i++) {
      governor.tryReserve("a", 10 * UNIT);
      if (a.usedNow() == a.limit()) {
        assertThatThrownBy(() -> governor.reserve("a", 400 * UNIT))
            .isInstanceOf(BudgetExceededException.class);
      }
      rounds(1);
    }
    assertThat(b.limit()).isBetween(201 * UNIT, 500 * UNIT);
    assertThat(b.snapshot().pressure()).isEqualTo(PressureLevel.NORMAL);
  }

  /** It behaves: it must not have to shed what is within its base because others borrow. */
  @Test
  void lenderMayGrowByAThirdAndThenGetsItsBudgetBackBeforeItsPressureRises() {
    Governor fresh =
        Given.ceiling(2000 * UNIT)
            .engine("a", 500 * UNIT)
            .engine("b", 500 * UNIT)
            .rebalancing(1, WorkloadHint.AUTO)
            .governor();
    Engine lender = fresh.engine("b");
    fresh.reserve("b", 99 * UNIT);
    fresh.reserve("a", 500 * UNIT);
    for (int i = 0; i < 3; i++) {
      fresh.rebalancer().round();
    }
    Reservation borrowed = fresh.reserve("a", 300 * UNIT);
    long lowered = lender.limit();
    assertThat(lowered).isBetween(195 * UNIT, 200 * UNIT);
    fresh.reserve("b", 31 * UNIT);
    fresh.rebalancer().round();
    assertThat(lender.limit()).as("a third more than before").isEqualTo(lowered);
    fresh.reserve("b", 4 * UNIT);
    borrowed.resize(250 * UNIT);
    fresh.rebalancer().round();
    assertThat(lender.limit())
        .as("all but the borrower's margin")
        .isBetween(lowered + 40 * UNIT, lowered + 50 * UNIT);
    borrowed.close();
    fresh.rebalancer().round();
    assertThat(lender.limit()).isEqualTo(492 * UNIT);
    assertThat(lender.snapshot().pressure()).isEqualTo(PressureLevel.NORMAL);
  }

  @Test
  void lenderKeepsItsMinimumWhateverItUses() {
    Governor empty =
        Given.ceiling(1000 * UNIT)
            .engine("a", 500 * UNIT)
            .engine("b", 500 * UNIT, 400 * UNIT)
            .rebalancing(1, WorkloadHint.AUTO)
            .governor();
    empty.reserve("a", 500 * UNIT);
    for (int i = 0; i < 3; i++) {
      empty.rebalancer().round();
    }
    empty.reserve("a", 90 * UNIT);
    assertThat(empty.engine("b").limit()).isEqualTo(400 * UNIT);
  }

  @Test
  void whatNobodyUsesComesBackToTheLenderAtOnce() {
    Reservation whole = governor.reserve("a", 490 * UNIT);
    rounds(3);
    governor.reserve("a", 200 * UNIT).close();
    whole.close();
    assertThat(b.limit()).isEqualTo(310 * UNIT);
    assertThat(governor.tryReserve("b", 480 * UNIT)).isPresent();
    assertThat(b.limit()).isEqualTo(500 * UNIT);
    assertThat(given.moves).last().extracting(Rebalance::reason).isEqualTo(Reason.REFUNDED);
    assertThat(given.breaches).extracting(Breach::engine).doesNotContain("b");
  }

  /** What is sampled goes on rising between the decision to lower a limit and the change. */
  @Test
  void limitIsNotLoweredOntoUseThatRoseMeanwhile() {
    governor.reserve("a", 490 * UNIT);
    rounds(3);
    governor.reserve("a", 70 * UNIT);
    governor.reserve("a", 30 * UNIT).close();
    assertThat(a.limit()).isEqualTo(610 * UNIT);
    giveBack(7 * UNIT);
    assertThat(a.limit()).as("567 MiB are used, and 8 MiB to be left").isEqualTo(610 * UNIT);
    giveBack(2 * UNIT);
    assertThat(a.limit()).as("6 MiB would be left, and nobody was told to look").isEqualTo(610 * UNIT);
    giveBack(0);
    assertThat(a.limit()).as("569 MiB are used").isEqualTo(577 * UNIT);
    assertThat(b.limit()).isEqualTo(423 * UNIT);
  }

  /** Gives back what is not used, while use rises by so many bytes after the decision. */
  private void giveBack(long rise) {
    governor
        .limits()
        .rebalance(
            stands -> {
              RebalancePlan plan = new RebalancePlan(stands);
              plan.giveBack(a.id(), Reason.RETURNED);
              governor.charge("a", rise);
              return plan;
            },
            e -> false);
  }

  @Test
  void borrowerIsHeldUntilWhatItUsesIsPaidBack() {
    governor.reserve("a", 490 * UNIT);
    rounds(3);
    Reservation borrowed = governor.reserve("a", 200 * UNIT);
    long limit = b.limit();
    assertThatThrownBy(() -> governor.reserve("b", 450 * UNIT))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("lent to other engines");
    assertThat(a.held()).isTrue();
    assertThat(b.limit()).isEqualTo(limit);
    borrowed.resize(50 * UNIT);
    assertThatThrownBy(() -> governor.reserve("a", 1))
        .as("its room is the lender's")
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("borrowed from idle engines")
        .hasMessageContaining(" 0 B available");
    governor.reserve("b", 420 * UNIT);
    borrowed.close();
    rounds(1);
    assertThat(a.limit()).isEqualTo(500 * UNIT);
    assertThat(b.limit()).isEqualTo(500 * UNIT);
    assertThat(a.held()).isFalse();
    governor.reserve("a", 10 * UNIT);
  }

  @Test
  void lenderThatWaitsIsServedAsTheBorrowerReleases() throws Exception {
    Governor waiting =
        Given.ceiling(1000 * UNIT)
            .engine("a", 500 * UNIT)
            .engine("b", 500 * UNIT, BreachMode.WAIT, Given.LONG)
            .rebalancing(0.05, WorkloadHint.AUTO)
            .realTime()
            .governor();
    waiting.reserve("a", 490 * UNIT);
    for (int i = 0; i < 3; i++) {
      waiting.rebalancer().round();
    }
    Reservation borrowed = waiting.reserve("a", 200 * UNIT);
    FutureTask<Reservation> lender = new FutureTask<>(() -> waiting.reserve("b", 450 * UNIT));
    Thread.ofPlatform().daemon().start(lender);
    while (waiting.waiting.size() == 0) {
      Thread.onSpinWait();
    }
    borrowed.close();
    waiting.rebalancer().round();
    assertThat(lender.get().bytes()).isEqualTo(450 * UNIT);
  }

  @Test
  void idleBorrowerGivesBack() {
    Reservation all = governor.reserve("a", 490 * UNIT);
    rounds(3);
    Reservation more = governor.reserve("a", 200 * UNIT);
    more.close();
    all.close();
    rounds(4);
    assertThat(a.limit()).isEqualTo(500 * UNIT);
    assertThat(given.moves).last().extracting(Rebalance::reason).isEqualTo(Reason.RETURNED);
  }

  @Test
  void steadyLoadMovesNothing() {
    governor.reserve("a", 490 * UNIT);
    governor.reserve("b", 150 * UNIT);
    rounds(3);
    governor.reserve("a", 100 * UNIT);
    rounds(3);
    int moves = given.moves.size();
    for (int i = 0; i < 50; i++) {
      governor.reserve("a", 5 * UNIT).close();
      governor.reserve("b", 10 * UNIT).close();
      rounds(1);
    }
    assertThat(given.moves).hasSize(moves);
  }

  @Test
  void nothingIsLentNearTheCeiling() {
    Given crowded =
        Given.ceiling(1000 * UNIT)
            .engine("a", 400 * UNIT)
            .engine("b", 100 * UNIT)
            .engine("c", 500 * UNIT)
            .rebalancing(0.05, WorkloadHint.AUTO);
    Governor full = crowded.governor();
    full.reserve("a", 400 * UNIT);
    full.reserve("c", 445 * UNIT);
    for (int i = 0; i < 3; i++) {
      full.rebalancer().round();
    }
    assertThatThrownBy(() -> full.reserve("a", 10 * UNIT))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(full.engine("b").limit()).isEqualTo(100 * UNIT);
    full.reserve("b", 90 * UNIT);
  }

  private static Governor onOneHeap() {
    Governor governor =
        Given.ceiling(1000 * UNIT)
            .heapCeiling(1000 * UNIT)
            .engine("a", 500 * UNIT)
            .engine("b", 500 * UNIT)
            .rebalancing(0.05, WorkloadHint.AUTO)
            .governor();
    governor.engine("a").admit(LedgerKind.HEAP, 490 * UNIT);
    return governor;
  }

  /** The application's own live heap is in the heap as well: what is lent must leave it its place. */
  @Test
  void heapThatIsNobodysIsNotLent() {
    Governor shared = onOneHeap();
    for (int i = 0; i < 3; i++) {
      shared.rebalancer().round();
    }
    shared.rebalancer().unattributedHeap(400 * UNIT);
    assertThatThrownBy(() -> shared.engine("a").admit(LedgerKind.HEAP, 100 * UNIT))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(shared.engine("a").limit()).isEqualTo(500 * UNIT);
    shared.rebalancer().unattributedHeap(100 * UNIT);
    shared.engine("a").admit(LedgerKind.HEAP, 100 * UNIT);
    assertThat(shared.engine("a").limit()).isEqualTo(590 * UNIT);
  }

  /** A ledger falls with each collection, and rises again before the next. */
  @Test
  void heapThatOthersUsedOfLateIsNotLent() {
    Governor shared = onOneHeap();
    shared.engine("b").admit(LedgerKind.HEAP, 400 * UNIT);
    shared.rebalancer().round();
    shared.engine("b").release(LedgerKind.HEAP, 400 * UNIT);
    for (int i = 0; i < 3; i++) {
      shared.rebalancer().round();
    }
    assertThatThrownBy(() -> shared.engine("a").admit(LedgerKind.HEAP, 100 * UNIT))
        .isInstanceOf(BudgetExceededException.class);
    shared.engine("b").admit(LedgerKind.HEAP, 400 * UNIT);
    shared.engine("b").release(LedgerKind.HEAP, 400 * UNIT);
    for (int i = 0; i < 15; i++) {
      shared.rebalancer().round();
    }
    shared.engine("a").admit(LedgerKind.HEAP, 100 * UNIT);
    assertThat(shared.engine("a").limit()).isGreaterThanOrEqualTo(590 * UNIT);
  }

  @Test
  void limitThatIsSetIsTheNewBase() {
    governor.reserve("a", 490 * UNIT);
    rounds(3);
    governor.reserve("a", 100 * UNIT).close();
    governor.setLimit("a", 495 * UNIT);
    assertThat(a.limit()).isEqualTo(495 * UNIT);
    assertThat(b.limit()).as("what it had lent").isEqualTo(500 * UNIT);
    governor.setLimit("b", 505 * UNIT);
    assertThat(b.limit()).isEqualTo(505 * UNIT);
    assertThatThrownBy(() -> governor.setLimit("b", 506 * UNIT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most " + 505 * UNIT);
  }

  @Test
  void limitSetWhileOthersUseWhatIsLentFollowsAsTheyRelease() {
    governor.reserve("a", 490 * UNIT);
    rounds(3);
    Reservation borrowed = governor.reserve("a", 200 * UNIT);
    governor.setLimit("b", 450 * UNIT);
    assertThat(b.base()).isEqualTo(450 * UNIT);
    assertThat(a.limit() + b.limit()).isLessThanOrEqualTo(950 * UNIT);
    assertThatThrownBy(() -> governor.setLimit("b", 100 * UNIT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("what others use of what it has lent");
    assertThat(b.base()).isEqualTo(450 * UNIT);
    borrowed.close();
    governor.reserve("b", 440 * UNIT);
    assertThat(b.limit()).isEqualTo(450 * UNIT);
  }

  @Test
  void hintFavoursItsEngines() {
    Given hinted =
        Given.ceiling(1000 * UNIT)
            .engine("query", 300 * UNIT)
            .engine("wal", 300 * UNIT)
            .engine("idle", 400 * UNIT, 350 * UNIT)
            .rebalancing(0.04, WorkloadHint.AUTO);
    Governor g = hinted.governor();
    g.reserve("query", 210 * UNIT);
    g.reserve("wal", 210 * UNIT);
    for (int i = 0; i < 3; i++) {
      g.rebalancer().round();
    }
    assertThat(hinted.moves).isEmpty();
    g.rebalancer().hint(WorkloadHint.BULK_INGESTION);
    g.rebalancer().round();
    assertThat(hinted.moves).extracting(Rebalance::to).containsExactly("wal");
    assertThat(WorkloadHint.of("Query-Heavy")).isEqualTo(WorkloadHint.QUERY_HEAVY);
    assertThatThrownBy(() -> WorkloadHint.of("often"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("often")
        .hasMessageContaining("memory-constrained");
  }

  @Test
  void nothingIsLentUnlessItIsEnabled() {
    Governor fixed =
        Given.ceiling(1000 * UNIT).engine("a", 500 * UNIT).engine("b", 500 * UNIT).governor();
    fixed.reserve("a", 500 * UNIT);
    for (int i = 0; i < 5; i++) {
      fixed.rebalancer().round();
    }
    assertThatThrownBy(() -> fixed.reserve("a", 1)).isInstanceOf(BudgetExceededException.class);
    assertThat(fixed.rebalancer().count()).isZero();
  }
}
