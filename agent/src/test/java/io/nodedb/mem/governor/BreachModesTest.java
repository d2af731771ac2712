package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.UnknownEngineException;
import io.nodedb.mem.governor.Breach.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BreachModesTest {
  private static <T> FutureTask<T> inThread(java.util.concurrent.Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread.ofVirtual().start(task);
    return task;
  }

  private static void untilWaiting(Governor governor, int count) {
    while (governor.waiting.size() != count) {
      Thread.onSpinWait();
    }
  }

  private static Given waiting() {
    return Given.ceiling(1000).engine("a", 600, BreachMode.WAIT, Given.LONG).engine("b", 400);
  }

  @Test
  void rejectNamesTheFiguresAndCounts() {
    Given given = Given.ceiling(1000).engine("a", 100);
    Governor governor = given.governor();
    governor.reserve("a", 60);
    assertThatThrownBy(() -> governor.reserve("a", 41))
        .isInstanceOfSatisfying(
            BudgetExceededException.class,
            e -> {
              assertThat(e.available()).isEqualTo(40);
              assertThat(e.bound()).isEqualTo(Bound.ENGINE);
            });
    assertThat(governor.engine("a").snapshot().rejections()).isEqualTo(1);
    assertThat(given.breaches).extracting(Breach::outcome).containsExactly(Outcome.REJECTED);
  }

  @Test
  void observeGoesOnAndRecords() {
    Given given = Given.ceiling(1000).engine("a", 100, BreachMode.OBSERVE, Duration.ZERO);
    Governor governor = given.governor();
    Reservation r = governor.reserve("a", 150);
    assertThat(governor.usedNow()).isEqualTo(150);
    assertThat(given.breaches).extracting(Breach::outcome).containsExactly(Outcome.OBSERVED);
    assertThatThrownBy(() -> governor.reserve("a", Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(governor.usedNow()).isEqualTo(150);
    r.close();
    assertThat(governor.totals().used()).isZero();
  }

  @Test
  void waiterIsWokenByItsEnginesRelease() throws Exception {
    Governor governor = waiting().governor();
    Reservation first = governor.reserve("a", 600);
    FutureTask<Reservation> second = inThread(() -> governor.reserve("a", 10));
    untilWaiting(governor, 1);
    first.close();
    assertThat(second.get().bytes()).isEqualTo(10);
  }

  @Test
  void waiterAtTheCeilingIsWokenByAnotherEnginesRelease() throws Exception {
    Governor governor = waiting().governor();
    governor.charge("b", 700);
    FutureTask<Reservation> waiter = inThread(() -> governor.reserve("a", 500));
    untilWaiting(governor, 1);
    governor.release("b", 300);
    assertThat(waiter.get().bytes()).isEqualTo(500);
  }

  @Test
  void waiterSeesWhatAnotherEnginesLeaseGivesBack() throws Exception {
    long mib = 1 << 20;
    Governor governor =
        Given.ceiling(100 * mib)
            .engine("a", 60 * mib, BreachMode.WAIT, Given.LONG)
            .engine("b", 40 * mib)
            .governor();
    Reservation small = governor.reserve("b", 1000);
    assertThat(governor.engine("b").leases.unspent()).isPositive();
    governor.charge("b", 60 * mib);
    FutureTask<Reservation> waiter = inThread(() -> governor.reserve("a", 40 * mib));
    untilWaiting(governor, 1);
    assertThat(governor.engine("b").leases.unspent()).isZero();
    small.close();
    assertThat(waiter.get().bytes()).isEqualTo(40 * mib);
  }

  @Test
  void raisedLimitWakes() throws Exception {
    Governor governor = Given.ceiling(1000).engine("a", 100, BreachMode.WAIT, Given.LONG).governor();
    FutureTask<Reservation> waiter = inThread(() -> governor.reserve("a", 200));
    untilWaiting(governor, 1);
    governor.setLimit("a", 200);
    assertThat(waiter.get().bytes()).isEqualTo(200);
  }

  @Test
  void largeWaiterBlocksNoSmallerOne() throws Exception {
    Governor governor = waiting().governor();
    Reservation part = governor.reserve("a", 300);
    Reservation rest = governor.reserve("a", 300);
    FutureTask<Reservation> large = inThread(() -> governor.reserve("a", 500));
    untilWaiting(governor, 1);
    FutureTask<Reservation> small = inThread(() -> governor.reserve("a", 200));
    untilWaiting(governor, 2);
    part.close();
    assertThat(small.get().bytes()).isEqualTo(200);
    assertThat(large.isDone()).isFalse();
    governor.reserve("a", 50).close();
    small.get().close();
    rest.close();
    assertThat(large.get().bytes()).isEqualTo(500);
  }

  @Test
  void equalWaitersAreServedInOrder() throws Exception {
    Governor governor = waiting().governor();
    Reservation all = governor.reserve("a", 600);
    List<Integer> served = new CopyOnWriteArrayList<>();
    AtomicInteger left = new AtomicInteger(5);
    for (int i = 0; i < 5; i++) {
      int number = i;
      inThread(
          () -> {
            Reservation mine = governor.reserve("a", 600);
            served.add(number);
            left.decrementAndGet();
            mine.close();
            return null;
          });
      untilWaiting(governor, i + 1);
    }
    all.close();
    while (left.get() > 0) {
      Thread.onSpinWait();
    }
    assertThat(served).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void timeoutRefusesAndLeavesNothing() {
    Given given =
        Given.ceiling(1000).engine("a", 100, BreachMode.WAIT, Duration.ofNanos(1)).realTime();
    Governor governor = given.governor();
    governor.charge("a", 100);
    assertThatThrownBy(() -> governor.reserve("a", 1)).isInstanceOf(BudgetExceededException.class);
    assertThat(given.breaches).extracting(Breach::outcome).containsExactly(Outcome.TIMED_OUT);
    assertThat(governor.waiting.size()).isZero();
    assertThat(governor.usedNow()).isEqualTo(100);
  }

  @Test
  void interruptEndsTheWaitAndLeavesNothing() throws Exception {
    Governor governor = waiting().governor();
    Reservation all = governor.reserve("a", 600);
    FutureTask<Boolean> waiter =
        new FutureTask<>(
            () -> {
              assertThatThrownBy(() -> governor.reserve("a", 1))
                  .isInstanceOf(BudgetExceededException.class);
              return Thread.currentThread().isInterrupted();
            });
    Thread thread = Thread.ofPlatform().start(waiter);
    untilWaiting(governor, 1);
    thread.interrupt();
    assertThat(waiter.get()).isTrue();
    all.close();
    assertThat(governor.totals().used()).isZero();
    assertThat(governor.waiting.size()).isZero();
  }

  @Test
  void requestAboveTheCeilingNeitherWaitsNorAsksForRelief() {
    Governor governor = waiting().governor();
    AtomicInteger asked = new AtomicInteger();
    governor.addRelief((e, missing, b) -> asked.incrementAndGet() < 0);
    assertThatThrownBy(() -> governor.reserve("a", Long.MAX_VALUE))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(asked).hasValue(0);
  }

  @Test
  void throwingReliefStepIsNoReliefAndReportedOnce() {
    Given given = Given.ceiling(1000).engine("a", 100);
    Governor governor = given.governor();
    governor.addRelief(
        (e, missing, b) -> {
          throw new IllegalStateException("broken");
        });
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> governor.reserve("a", 101))
          .isInstanceOf(BudgetExceededException.class);
    }
    assertThat(given.problems).singleElement().asString().contains("broken");
  }

  @Test
  void reliefStepThatMeetsABoundItselfIsNotCalledAgain() {
    Governor governor = Given.ceiling(1000).engine("a", 100).governor();
    AtomicInteger asked = new AtomicInteger();
    governor.addRelief(
        (e, missing, b) -> {
          asked.incrementAndGet();
          governor.reserve("a", 101);
          return false;
        });
    assertThatThrownBy(() -> governor.reserve("a", 101)).isInstanceOf(BudgetExceededException.class);
    assertThat(asked).hasValue(1);
  }

  /** What another thread is charged for unasked meanwhile is not past the limit because of the question. */
  @Test
  void roomIsMadeAndNothingCharged() {
    Governor governor = Given.ceiling(1000).engine("a", 100).governor();
    Reservation cache = governor.reserve("a", 90);
    governor.addRelief(
        (e, missing, b) -> {
          governor.engine("a").charge(LedgerKind.HEAP, 5);
          cache.resize(cache.bytes() - missing);
          return false;
        });
    assertThatThrownBy(() -> governor.requireRoom("a", 101))
        .isInstanceOf(BudgetExceededException.class);
    governor.engine("a").release(LedgerKind.HEAP, 5);
    cache.resize(95);
    assertThatThrownBy(() -> governor.requireRoom("a", 10))
        .isInstanceOfSatisfying(
            BudgetExceededException.class, e -> assertThat(e.available()).isEqualTo(5));
    governor.engine("a").release(LedgerKind.HEAP, 5);
    governor.requireRoom("a", 10);
    assertThat(governor.engine("a").snapshot().used()).isEqualTo(90);
    assertThat(governor.engine("a").snapshot().overrun()).isZero();
    assertThatThrownBy(() -> governor.requireRoom("a", -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> governor.requireRoom("b", 1))
        .isInstanceOf(UnknownEngineException.class);
  }

  @Test
  void reliefLetsTheRequestThrough() {
    Given given = Given.ceiling(1000).engine("a", 100);
    Governor governor = given.governor();
    Reservation cache = governor.reserve("a", 90);
    governor.addRelief(
        (e, missing, b) -> {
          cache.resize(cache.bytes() - missing);
          return true;
        });
    assertThat(governor.reserve("a", 50).bytes()).isEqualTo(50);
    assertThat(cache.bytes()).isEqualTo(50);
    assertThat(given.breaches).singleElement().extracting(Breach::verified).isEqualTo(true);
  }

  @Test
  void closeDuringAWaitingResizeReleasesAllWhenItEnds() throws Exception {
    Governor governor = waiting().governor();
    Reservation other = governor.reserve("a", 500);
    Reservation growing = governor.reserve("a", 100);
    FutureTask<Void> resize =
        inThread(
            () -> {
              growing.resize(200);
              return null;
            });
    untilWaiting(governor, 1);
    growing.close();
    assertThat(growing.bytes()).isZero();
    other.close();
    resize.get();
    assertThat(governor.totals().used()).isZero();
  }

  @Test
  void askingForRoomChargesNothing() {
    Governor governor = Given.ceiling(6400).engine("a", 3200).governor();
    Engine a = governor.engine("a");
    governor.charge("a", 3150);
    governor.enforcement().enforce(a, BreachMode.INHERIT);
    assertThat(a.snapshot().peak()).isEqualTo(3150);
    governor.charge("a", 1);
    assertThatThrownBy(() -> governor.enforcement().enforce(a, BreachMode.INHERIT))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(governor.totals().used()).isEqualTo(3151);
  }

  /** An engine would crawl along its limit, a collection for each few bytes, and borrow nothing. */
  @Test
  void stepsAreTakenUntilThereIsRoomThatIsWorthIt() {
    Governor governor = Given.ceiling(6400).engine("a", 3200).governor();
    Engine a = governor.engine("a");
    AtomicInteger freed = new AtomicInteger();
    AtomicInteger second = new AtomicInteger();
    governor.addRelief(
        (engine, missing, bound) -> {
          engine.release(LedgerKind.HEAP, freed.get());
          return true;
        });
    governor.addRelief((engine, missing, bound) -> second.incrementAndGet() < 0);
    a.charge(LedgerKind.HEAP, 3151);
    assertThatThrownBy(() -> governor.enforcement().enforce(a, BreachMode.INHERIT))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(second).hasValue(1);
    freed.set(40);
    governor.enforcement().enforce(a, BreachMode.INHERIT);
    assertThat(second).as("40 bytes are little, but will do").hasValue(2);
    a.charge(LedgerKind.HEAP, 40);
    freed.set(51);
    governor.enforcement().enforce(a, BreachMode.INHERIT);
    assertThat(second).as("51 are enough").hasValue(2);
  }

  @Test
  @Timeout(60)
  void whoWaitsIsContentWithWhatWillDo() throws Exception {
    Governor governor =
        Given.ceiling(6400).engine("a", 3200, BreachMode.WAIT, Given.LONG).governor();
    Engine a = governor.engine("a");
    a.charge(LedgerKind.HEAP, 3151);
    FutureTask<Void> waiter =
        inThread(
            () -> {
              governor.enforcement().enforce(a, BreachMode.INHERIT);
              return null;
            });
    untilWaiting(governor, 1);
    a.release(LedgerKind.HEAP, 10);
    waiter.get();
    assertThat(a.used(LedgerKind.HEAP)).isEqualTo(3141);
  }
}
