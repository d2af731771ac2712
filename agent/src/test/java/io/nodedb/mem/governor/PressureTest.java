package io.nodedb.mem.governor;

import static io.nodedb.mem.PressureLevel.CRITICAL;
import static io.nodedb.mem.PressureLevel.EMERGENCY;
import static io.nodedb.mem.PressureLevel.NORMAL;
import static io.nodedb.mem.PressureLevel.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.Reservation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PressureTest {
  private final AtomicLong used = new AtomicLong();
  private final List<String> seen = new ArrayList<>();

  private PressureGauge gauge(long bound) {
    return new PressureGauge(
        Given.THRESHOLDS, bound, used::get, (from, to, now, b, cause) -> seen.add(from + ">" + to));
  }

  private void move(PressureGauge gauge, long now) {
    used.set(now);
    gauge.moved(now, "test");
  }

  @Test
  void eachTransitionOnceWithHysteresis() {
    PressureGauge gauge = gauge(100);
    for (long now : new long[] {69, 70, 71, 69, 70, 67, 66, 70, 85, 82, 81, 95, 100, 91, 0}) {
      move(gauge, now);
    }
    assertThat(seen)
        .containsExactly(
            "NORMAL>WARNING",
            "WARNING>NORMAL",
            "NORMAL>WARNING",
            "WARNING>CRITICAL",
            "CRITICAL>WARNING",
            "WARNING>EMERGENCY",
            "EMERGENCY>CRITICAL",
            "CRITICAL>NORMAL");
  }

  @Test
  void jumpIsOneTransition() {
    PressureGauge gauge = gauge(100);
    move(gauge, 99);
    move(gauge, 1);
    assertThat(seen).containsExactly("NORMAL>EMERGENCY", "EMERGENCY>NORMAL");
  }

  @Test
  void nothingUsedIsNoPressureEvenWithoutAnyLimit() {
    PressureGauge gauge = gauge(0);
    move(gauge, 0);
    assertThat(seen).isEmpty();
    move(gauge, 1);
    move(gauge, 0);
    assertThat(seen).containsExactly("NORMAL>EMERGENCY", "EMERGENCY>NORMAL");
  }

  /** Use falls between the moment a level is found and the moment its band is published. */
  @Test
  void levelIsNotLeftStaleByUseThatMovesMeanwhile() {
    PressureGauge[] gauge = new PressureGauge[1];
    gauge[0] =
        new PressureGauge(
            Given.THRESHOLDS,
            100,
            used::get,
            (from, to, now, b, cause) -> {
              seen.add(from + ">" + to);
              if (to == WARNING) {
                used.set(10);
              }
            });
    move(gauge[0], 75);
    assertThat(gauge[0].level()).isEqualTo(NORMAL);
    assertThat(seen).containsExactly("NORMAL>WARNING", "WARNING>NORMAL");
  }

  @Test
  void newLimitMovesTheLevel() {
    Governor governor = Given.ceiling(1000).engine("a", 100).governor();
    governor.reserve("a", 60);
    governor.setLimit("a", 70);
    assertThat(governor.engine("a").pressure()).isEqualTo(CRITICAL);
    governor.setLimit("a", 1000);
    assertThat(governor.engine("a").pressure()).isEqualTo(NORMAL);
  }

  @Test
  void chargeIsSeenByTheBackgroundThread() throws Exception {
    Governor governor = Given.ceiling(1000).engine("a", 100).governor();
    BlockingQueue<PressureTransition> told = new LinkedBlockingQueue<>();
    governor.onPressure(told::add);
    governor.start();
    try {
      for (int i = 0; i < 200; i++) {
        governor.charge("a", 99);
        assertThat(told.take().to()).isEqualTo(EMERGENCY);
        governor.release("a", 99);
        assertThat(told.take().to()).isEqualTo(NORMAL);
      }
    } finally {
      governor.stop();
    }
  }

  @Test
  void listenersThatBlockOrThrowDelayNobody() throws Exception {
    Given given = Given.ceiling(1000).engine("a", 100);
    Governor governor = given.governor();
    CountDownLatch never = new CountDownLatch(1);
    BlockingQueue<PressureTransition> told = new LinkedBlockingQueue<>();
    governor.onPressure(
        t -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    // Called again, it has been told of the first time.
    CountDownLatch again = new CountDownLatch(2);
    governor.onPressure(
        t -> {
          again.countDown();
          throw new AssertionError("broken listener");
        });
    governor.onPressure(told::add);
    for (int i = 0; i < 50; i++) {
      Reservation r = governor.reserve("a", 80);
      assertThat(told.take().from()).isEqualTo(NORMAL);
      r.close();
      assertThat(told.take().to()).isEqualTo(NORMAL);
    }
    again.await();
    governor.stop();
    assertThat(given.problems).singleElement().asString().contains("broken listener");
  }

  @Test
  void oldestTransitionsAreDroppedForAListenerThatFallsBehind() throws Exception {
    PressureDispatcher dispatcher = new PressureDispatcher(p -> {});
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    BlockingQueue<Long> told = new LinkedBlockingQueue<>();
    dispatcher.add(
        t -> {
          first.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          told.add(t.used());
        });
    dispatcher.dispatch(numbered(0));
    first.await();
    for (long i = 1; i <= 300; i++) {
      dispatcher.dispatch(numbered(i));
    }
    go.countDown();
    assertThat(told.take()).isZero();
    for (long i = 300 - 256 + 1; i <= 300; i++) {
      assertThat(told.take()).isEqualTo(i);
    }
    dispatcher.stop();
    assertThat(told).isEmpty();
  }

  private static PressureTransition numbered(long number) {
    return new PressureTransition(
        java.util.Optional.empty(), NORMAL, WARNING, number, 1000, "test");
  }

  /** From any interleaving there comes a chain of levels, and the last is that of the use left. */
  @Test
  void transitionsOfManyThreadsFormAChain() throws Exception {
    Governor governor = Given.ceiling(4000).engine("a", 1000).governor();
    List<PressureLevel> chain = new ArrayList<>(List.of(NORMAL));
    PressureGauge gauge =
        new PressureGauge(
            Given.THRESHOLDS,
            1000,
            governor.engine("a")::usedNow,
            (from, to, now, b, cause) -> {
              assertThat(from).isEqualTo(chain.getLast()).isNotEqualTo(to);
              chain.add(to);
            });
    // With so much in use each is a transition, even if the threads come one after the other.
    Reservation half = governor.reserve("a", 500);
    try (ExecutorService pool = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        workers.add(
            pool.submit(
                () -> {
                  for (int n = 0; n < 20_000; n++) {
                    governor
                        .tryReserve("a", 240)
                        .ifPresent(
                            r -> {
                              gauge.moved(governor.engine("a").budget.used(), "up");
                              r.close();
                              gauge.moved(governor.engine("a").budget.used(), "down");
                            });
                  }
                }));
      }
      for (Future<?> each : workers) {
        each.get();
      }
    }
    half.close();
    gauge.moved(governor.engine("a").budget.used(), "end");
    assertThat(gauge.level()).isEqualTo(NORMAL);
    assertThat(chain.size()).isGreaterThan(1);
    assertThat(governor.engine("a").gauge.level()).isEqualTo(NORMAL);
  }
}
