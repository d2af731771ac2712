package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.Reservation;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nobody stands still for long, whoever else does. */
@Timeout(120)
class LivenessTest {
  private static <T> FutureTask<T> inThread(java.util.concurrent.Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private static void untilWaiting(Governor governor, int count) {
    while (governor.waiting.size() != count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void streamOfSmallRequestsGoesOnBesideAnOversizedWaiter() throws Exception {
    Governor governor =
        Given.ceiling(1000).engine("a", 1000, BreachMode.WAIT, Given.LONG).governor();
    Reservation floor = governor.reserve("a", 200);
    FutureTask<Reservation> oversized = inThread(() -> governor.reserve("a", 900));
    untilWaiting(governor, 1);
    List<FutureTask<Integer>> streams = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      streams.add(
          inThread(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  governor.reserve("a", 300).close();
                }
                return governor.waiting.size();
              }));
    }
    for (FutureTask<Integer> each : streams) {
      assertThat(each.get()).as("the oversized one waits all along").isPositive();
    }
    assertThat(oversized.isDone()).isFalse();
    floor.close();
    assertThat(oversized.get().bytes()).isEqualTo(900);
    assertThat(governor.waiting.size()).isZero();
  }

  @Test
  void whoJoinsDoesNotTakeWhatIsYetToBeOffered() throws Exception {
    WaitQueue queue = new WaitQueue(System::nanoTime);
    AtomicInteger room = new AtomicInteger();
    BooleanSupplier takes = () -> room.getAndUpdate(r -> Math.max(0, r - 1)) > 0;
    FutureTask<Boolean> first =
        inThread(() -> queue.await(takes, TimeUnit.HOURS.toNanos(1), () -> {}));
    while (queue.size() != 1) {
      Thread.onSpinWait();
    }
    room.set(1);
    assertThat(queue.await(takes, 0, () -> {})).isFalse();
    assertThat(first.get()).isTrue();
    assertThat(queue.size()).isZero();
  }

  @Test
  void waiterEndedByAnErrorLeavesNoTrace() {
    AtomicInteger clock = new AtomicInteger();
    WaitQueue queue = new WaitQueue(() -> TimeUnit.SECONDS.toNanos(clock.incrementAndGet()));
    StackOverflowError error = new StackOverflowError();
    assertThatThrownBy(
            () ->
                queue.await(
                    () -> false,
                    TimeUnit.HOURS.toNanos(1),
                    () -> {
                      throw error;
                    }))
        .isSameAs(error);
    assertThat(queue.size()).isZero();
    assertThatThrownBy(
            () ->
                queue.await(
                    () -> {
                      throw error;
                    },
                    1,
                    () -> {}))
        .isSameAs(error);
    assertThat(queue.size()).isZero();
  }

  @Test
  void waiterGrantedAsItEndsKeepsWhatItGot() {
    AtomicInteger clock = new AtomicInteger();
    WaitQueue queue = new WaitQueue(() -> TimeUnit.SECONDS.toNanos(clock.incrementAndGet()));
    AtomicBoolean room = new AtomicBoolean();
    boolean granted =
        queue.await(
            room::get,
            TimeUnit.HOURS.toNanos(1),
            () -> {
              room.set(true);
              queue.wake();
              throw new StackOverflowError();
            });
    assertThat(granted).isTrue();
    assertThat(queue.size()).isZero();
  }

  /** Each callback has another thread go through everything that takes a lock, and waits for it. */
  @Test
  void noLockIsHeldWhileOthersCodeRuns() throws Exception {
    Given given =
        Given.ceiling(1 << 20)
            .engine("a", 1 << 18)
            .engine("b", 1 << 19, BreachMode.WAIT, Duration.ofNanos(1))
            .rebalancing(0.05, WorkloadHint.AUTO)
            .realTime();
    Governor governor = given.governor();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicInteger called = new AtomicInteger();
    ThreadLocal<Boolean> inside = new ThreadLocal<>();
    Runnable everything =
        () -> {
          governor.setLimit("b", 1 << 18);
          governor.setLimit("b", 1 << 19);
          governor.snapshot();
          governor.rebalancer().round();
          governor.reserve("b", 1000).close();
          governor.housekeeper.pass();
        };
    Runnable callback =
        () -> {
          if (inside.get() != null) {
            return;
          }
          called.incrementAndGet();
          try {
            inThread(
                    () -> {
                      inside.set(true);
                      everything.run();
                      return null;
                    })
                .get(30, TimeUnit.SECONDS);
          } catch (Exception e) {
            failure.compareAndSet(null, e);
          }
        };
    governor.addListener(
        new GovernorListener() {
          @Override
          public void onBreach(Breach breach) {
            callback.run();
          }

          @Override
          public void onLimit(String engine, long before, long after) {
            callback.run();
          }

          @Override
          public void onRebalance(Rebalance move) {
            callback.run();
          }

          @Override
          public void onOverRelease(String engine, long excess, long count) {
            callback.run();
          }
        });
    governor.addRelief(
        (engine, missing, bound) -> {
          callback.run();
          return false;
        });
    for (int i = 0; i < 3; i++) {
      governor.rebalancer().round();
    }
    governor.reserve("a", 1 << 18);
    governor.reserve("a", 1000);
    assertThat(governor.rebalancer().count()).isPositive();
    assertThatThrownBy(() -> governor.reserve("a", 1 << 20))
        .isInstanceOf(BudgetExceededException.class);
    assertThatThrownBy(() -> governor.reserve("b", 900_000))
        .isInstanceOf(BudgetExceededException.class);
    governor.setLimit("b", (1 << 19) - 1);
    governor.release("a", 1);
    assertThat(failure).hasNullValue();
    assertThat(called).hasValueGreaterThanOrEqualTo(6);
  }

  /** All operations from eight threads, looked at all the time. Seeds: the threads' numbers. */
  @Test
  void noThreadDumpUnderLoadShowsACycle() throws Exception {
    Given given =
        Given.ceiling(64 << 20)
            .heapCeiling(48 << 20)
            .engine("a", 16 << 20, BreachMode.WAIT, Duration.ofMillis(1))
            .engine("b", 16 << 20)
            .engine("c", 32 << 20, BreachMode.WAIT, Duration.ofMillis(1))
            .rebalancing(0.05, WorkloadHint.MIXED)
            .realTime();
    Governor governor = given.governor();
    governor.addRelief(
        (engine, missing, bound) -> {
          governor.tryReserve(engine.engine(), 10).ifPresent(Reservation::close);
          governor.snapshot();
          return false;
        });
    governor.onPressure(t -> governor.tryReserve("b", 100).ifPresent(Reservation::close));
    governor.start();
    AtomicBoolean done = new AtomicBoolean();
    List<FutureTask<Void>> workers = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(t);
      workers.add(
          inThread(
              () -> {
                while (!done.get()) {
                  work(governor, random);
                }
                return null;
              }));
    }
    var threads = ManagementFactory.getThreadMXBean();
    try {
      for (int dump = 0; dump < 200; dump++) {
        assertThat(threads.findDeadlockedThreads()).isNull();
        governor.rebalancer().round();
      }
    } finally {
      done.set(true);
    }
    for (FutureTask<Void> each : workers) {
      each.get(60, TimeUnit.SECONDS);
    }
    governor.stop();
    assertThat(governor.waiting.size()).isZero();
    assertThat(governor.usedNow()).isZero();
  }

  private static void work(Governor governor, Random random) {
    String name = "abc".substring(random.nextInt(3)).substring(0, 1);
    try (Reservation r = governor.reserve(name, random.nextInt(8 << 20))) {
      switch (random.nextInt(5)) {
        case 0 -> r.resize(random.nextInt(16 << 20));
        case 1 -> r.transferTo("b");
        case 2 -> governor.setLimit(name, random.nextInt(16 << 20));
        case 3 -> {
          governor.charge(name, 1 << 20);
          governor.release(name, 1 << 20);
        }
        default -> governor.snapshot();
      }
    } catch (BudgetExceededException | IllegalArgumentException e) {
      // Refused, as it may be: what counts is that the thread goes on.
      Thread.onSpinWait();
    }
  }
}
