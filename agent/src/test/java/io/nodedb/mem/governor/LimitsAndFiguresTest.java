package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.Reservation;
import io.nodedb.mem.UnknownEngineException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LimitsAndFiguresTest {
  private static final int MIB = 1 << 20;

  /** What was held ahead when a charge passed the limit is not handed out after. */
  @Test
  void nothingIsReservedAfterAChargePastTheLimit() {
    long limit = 64L << 20;
    Governor governor = Given.ceiling(4 * limit).engine("query", limit).governor();
    governor.reserve("query", 1).close();
    governor.charge("query", limit);
    assertThat(governor.tryReserve("query", 1)).isEmpty();
    governor.release("query", 1);
    assertThat(governor.tryReserve("query", 1)).isPresent();
    governor.stop();
  }

  /** A gate asks without insisting; what threads hold ahead of use must not turn it away. */
  @Test
  void attemptThatFitsIsNotRefusedForBytesHeldAhead() {
    long limit = 64L << 20;
    Governor governor = Given.ceiling(limit).engine("query", limit).governor();
    Engine query = governor.engine("query");
    governor.reserve("query", 1).close();
    assertThat(query.leases.unspent()).isPositive();
    assertThat(query.tryAdmit(LedgerKind.HEAP, limit)).isTrue();
    assertThat(query.tryAdmit(LedgerKind.HEAP, 1)).isFalse();
    query.release(LedgerKind.HEAP, limit);
    assertThat(query.usedNow()).isZero();
    governor.stop();
  }

  @Test
  void unknownEngineIsNamedWithTheKnownOnes() {
    Governor governor = Given.ceiling(1000).engine("a", 100).engine("b", 100).governor();
    assertThatThrownBy(() -> governor.reserve("c", 1))
        .isInstanceOf(UnknownEngineException.class)
        .hasMessageContaining("'c'")
        .hasMessageContaining("a, b");
    Reservation r = governor.reserve("a", 10);
    assertThatThrownBy(() -> r.transferTo("c")).isInstanceOf(UnknownEngineException.class);
    assertThatThrownBy(() -> governor.setLimit("c", 1)).isInstanceOf(UnknownEngineException.class);
    r.resize(20);
    r.close();
    assertThat(governor.totals().used()).isZero();
  }

  /** What moves the samples may find no stack left for it. */
  @Test
  void transferThatFailsHalfWayMovesNothing() {
    Governor governor =
        Given.ceiling(1000).engine("a", 500).engine("b", 500).governor();
    Engine a = governor.engine("a");
    Engine b = governor.engine("b");
    a.charge(LedgerKind.HEAP, 300);
    assertThatThrownBy(
            () ->
                a.transfer(
                    b,
                    LedgerKind.HEAP,
                    200,
                    () -> {
                      throw new StackOverflowError();
                    }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(a.used(LedgerKind.HEAP)).isEqualTo(300);
    assertThat(a.usedNow()).isEqualTo(300);
    assertThat(b.used(LedgerKind.HEAP)).isZero();
    assertThat(b.usedNow()).isZero();
    assertThat(governor.usedNow()).isEqualTo(300);
  }

  @Test
  void negativeAmountsAreRefusedAndChangeNothing() {
    Governor governor = Given.ceiling(1000).engine("a", 100).governor();
    Engine a = governor.engine("a");
    Reservation r = governor.reserve("a", 10);
    List<Runnable> calls =
        List.of(
            () -> governor.reserve("a", -1),
            () -> governor.tryReserve("a", Long.MIN_VALUE),
            () -> governor.charge("a", -1),
            () -> governor.release("a", -1),
            () -> governor.setLimit("a", -1),
            () -> r.resize(-1),
            () -> a.admit(LedgerKind.HEAP, -1),
            () -> a.tryAdmit(LedgerKind.HEAP, -1),
            () -> a.charge(LedgerKind.HEAP, -1),
            () -> a.release(LedgerKind.HEAP, -1));
    for (Runnable call : calls) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected");
    }
    assertThat(governor.usedNow()).isEqualTo(10);
  }

  @Test
  void chargesThatWouldOverflowAreRefusedAndChangeNothing() {
    Governor governor = Given.ceiling(1000).engine("a", 100).governor();
    governor.charge("a", 1L << 49);
    for (long bytes : new long[] {Long.MAX_VALUE, 1L << 62, 1L << 50, (1L << 49) + 1}) {
      assertThatThrownBy(() -> governor.charge("a", bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: at most");
    }
    assertThat(governor.usedNow()).isEqualTo(1L << 49);
    governor.release("a", 1L << 49);
    assertThat(governor.totals().used()).isZero();
  }

  @Test
  void zeroBytesAreAlwaysGranted() {
    Governor governor = Given.ceiling(1000).engine("a", 100).engine("b", 100).governor();
    governor.charge("a", 5000);
    Reservation r = governor.reserve("b", 0);
    r.transferTo("a");
    governor.reserve("a", 0).close();
    governor.engine("a").admit(LedgerKind.HEAP, 0);
    assertThat(r.engine()).isEqualTo("a");
    r.close();
    assertThat(governor.usedNow()).isEqualTo(5000);
  }

  @Test
  void overReleaseIsClampedCountedAndReportedOnceAMinute() {
    Given given = Given.ceiling(1000).engine("a", 100);
    Governor governor = given.governor();
    governor.reserve("a", 30);
    governor.charge("a", 20);
    governor.release("a", 50);
    governor.release("a", 1);
    assertThat(governor.engine("a").snapshot().reserved()).isEqualTo(30);
    assertThat(governor.engine("a").snapshot().overReleases()).isEqualTo(2);
    assertThat(given.overReleases).containsExactly("a 30 1");
    given.clock.addAndGet(Duration.ofMinutes(1).toNanos() - 1);
    governor.release("a", 1);
    assertThat(given.overReleases).hasSize(1);
    given.clock.addAndGet(1);
    governor.release("a", 7);
    assertThat(given.overReleases).containsExactly("a 30 1", "a 7 4");
  }

  @Test
  void limitNeverGoesBelowUseNorPastTheCeiling() {
    Governor governor = Given.ceiling(1000).engine("a", 400).engine("b", 400).governor();
    governor.reserve("a", 300);
    assertThatThrownBy(() -> governor.setLimit("a", 299))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 300");
    assertThatThrownBy(() -> governor.setLimit("a", 601))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 600");
    assertThatThrownBy(() -> governor.setLimit("a", Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(governor.engine("a").limit()).isEqualTo(400);
    governor.setLimit("a", 300);
    assertThat(governor.tryReserve("a", 1)).isEmpty();
    governor.setLimit("a", 600);
    assertThat(governor.tryReserve("a", 300)).isPresent();
  }

  @Test
  void whatLeasesHoldAheadIsNotUseWhenALimitIsLowered() {
    Governor governor = Given.ceiling(100 * MIB).engine("a", 64 * MIB).governor();
    Reservation r = governor.reserve("a", 100);
    assertThat(governor.engine("a").leases.unspent()).isPositive();
    governor.setLimit("a", 100);
    assertThat(governor.engine("a").limit()).isEqualTo(100);
    r.close();
    assertThat(governor.totals().used()).isZero();
  }

  @Test
  void peaksStay() {
    Governor governor = Given.ceiling(1000).engine("a", 100).engine("b", 100).governor();
    governor.reserve("a", 70).close();
    governor.charge("b", 90);
    governor.release("b", 90);
    assertThat(governor.engine("a").snapshot().peak()).isEqualTo(70);
    assertThat(governor.engine("b").snapshot().peak()).isEqualTo(90);
    assertThat(governor.snapshot().peak()).isEqualTo(90);
    assertThat(governor.snapshot().used()).isZero();
  }

  @Test
  void overrunIsAgainstTheLimitOfTheMoment() {
    Governor governor = Given.ceiling(1000).engine("a", 100).governor();
    governor.charge("a", 100);
    governor.setLimit("a", 200);
    governor.charge("a", 50);
    governor.release("a", 100);
    governor.setLimit("a", 80);
    assertThat(governor.engine("a").snapshot().peak()).isEqualTo(150);
    assertThat(governor.engine("a").snapshot().overrun()).as("a limit lowered since").isZero();
    governor.charge("a", 50);
    governor.release("a", 100);
    assertThat(governor.engine("a").snapshot().overrun()).isEqualTo(20);
    governor.setLimit("a", 500);
    governor.charge("a", 400);
    assertThat(governor.engine("a").snapshot().overrun()).isEqualTo(20);
  }

  @Test
  void closeFromTwoThreadsReleasesOnce() throws Exception {
    Governor governor = Given.ceiling(1000).engine("a", 900).governor();
    governor.charge("a", 500);
    for (int i = 0; i < 2000; i++) {
      Reservation r = governor.reserve("a", 100);
      CyclicBarrier start = new CyclicBarrier(2);
      FutureTask<Void> other =
          new FutureTask<>(
              () -> {
                start.await();
                r.close();
                return null;
              });
      Thread.ofVirtual().start(other);
      start.await();
      r.close();
      other.get();
      assertThat(governor.totals().used()).isEqualTo(500);
    }
    assertThat(governor.engine("a").snapshot().overReleases()).isZero();
  }

  @Test
  void leaksAreReleasedAndReportedOnceWithThePlace() {
    Given given = Given.ceiling(100 * MIB).engine("a", 64 * MIB);
    Governor governor = given.governor();
    List<WeakReference<Object>> gone = new ArrayList<>();
    leak(governor, gone, 1 * MIB, 1);
    leak(governor, gone, 100, 10);
    Reservation kept = governor.reserve("a", 200 << 10);
    governor.engine("a").leases.retire();
    collected(gone);
    while (given.leaks.size() < 2) {
      System.gc();
      governor.housekeeper.pass();
    }
    assertThat(given.leaks).containsExactlyInAnyOrder((long) MIB, 1000L);
    assertThat(given.problems)
        .singleElement() // One line a minute, though two leaks.
        .asString()
        .contains("were never closed, the first made at ");
    assertThat(given.leakPlaces)
        .allSatisfy(
            t ->
                assertThat(t.getStackTrace())
                    .anyMatch(f -> f.getMethodName().equals("leak")));
    assertThat(governor.usedNow()).isEqualTo(200 << 10);
    System.gc();
    governor.housekeeper.pass();
    assertThat(given.leaks).hasSize(2);
    kept.close();
    assertThat(governor.usedNow()).isZero();
  }

  private static void leak(
      Governor governor, List<WeakReference<Object>> gone, long bytes, int count) {
    for (int i = 0; i < count; i++) {
      gone.add(new WeakReference<>(governor.reserve("a", bytes)));
    }
  }

  private static void collected(List<WeakReference<Object>> references) {
    while (references.stream().anyMatch(r -> r.get() != null)) {
      System.gc();
    }
  }

  @Test
  void liveReservationsOfRetiredLeasesAreNoLeaks() {
    Given given = Given.ceiling(100 * MIB).engine("a", 64 * MIB);
    Governor governor = given.governor();
    List<Reservation> held = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      held.add(governor.reserve("a", 100));
      governor.engine("a").leases.retire();
    }
    List<WeakReference<Object>> marker = new ArrayList<>();
    marker.add(new WeakReference<>(new Object()));
    collected(marker);
    governor.housekeeper.pass();
    assertThat(given.leaks).isEmpty();
    assertThat(governor.usedNow()).isEqualTo(10_000);
    held.forEach(Reservation::close);
    assertThat(governor.usedNow()).isZero();
  }

  @Test
  void attentionIsUpAsLongAsAnEngineIsOver() throws Exception {
    Governor governor = Given.ceiling(6400).engine("a", 3200).engine("b", 3200).governor();
    Attention.Flag flag = new Attention.Plain();
    governor.enforcement().onAttention(flag);
    List<FutureTask<Void>> threads = new ArrayList<>();
    for (int round = 0; round < 300; round++) {
      threads.clear();
      for (int i = 0; i < 4; i++) {
        String name = i % 2 == 0 ? "a" : "b";
        FutureTask<Void> task =
            new FutureTask<>(
                () -> {
                  for (int n = 0; n < 50; n++) {
                    governor.charge(name, 3000);
                    governor.release(name, 3000);
                  }
                  return null;
                });
        threads.add(task);
        Thread.ofPlatform().start(task);
      }
      for (FutureTask<Void> each : threads) {
        each.get();
      }
      assertThat(flag.isSet()).isFalse();
      governor.charge("a", 3170);
      assertThat(flag.isSet()).isTrue();
      governor.charge("b", 10);
      governor.release("b", 10);
      assertThat(flag.isSet()).isTrue();
      governor.release("a", 3170);
      assertThat(flag.isSet()).isFalse();
    }
  }
}
