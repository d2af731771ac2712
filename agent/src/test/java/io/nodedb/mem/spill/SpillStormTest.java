package io.nodedb.mem.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.Registration;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.SpillContext;
import io.nodedb.mem.Spillable;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spilling with its own threads and the system's clock, under more pressure than is reasonable. */
@Timeout(180)
class SpillStormTest {
  private static final long LIMIT = 64 << 20;
  private static final int THREADS = 8;

  private final List<String> problems = new ArrayList<>();
  private final ConcurrentLinkedQueue<SpillReport> reports = new ConcurrentLinkedQueue<>();
  private final Governor governor =
      Budgets.ceiling(4 * LIMIT)
          .engine("a", LIMIT)
          .engine("b", LIMIT)
          .problems(problems::add)
          .governor();

  /** Set by tests in which nothing may depend on how long a busy machine takes. */
  private volatile boolean timeStands;

  private final Spilling spilling =
      new Spilling(
          new SpillEnvironment(
              governor,
              0.9,
              0.75,
              () -> timeStands ? 0 : System.nanoTime(),
              TimeUnit.SECONDS.toNanos(5),
              new SpillThreads()),
          problems::add);
  private final Engine engine = governor.engine("a");

  SpillStormTest() {
    governor.addRelief(spilling);
    spilling.addListener(restoring -> reports::add);
  }

  @AfterEach
  void end() {
    spilling.close();
    governor.stop();
    assertThat(problems).isEmpty();
  }

  /** Many small reservations, given up in the order they came. Thread-safe. */
  private final class Pool implements Spillable {
    final ConcurrentLinkedQueue<Reservation> held = new ConcurrentLinkedQueue<>();

    @Override
    public long spill(long bytesWanted, SpillContext context) {
      long freed = 0;
      while (freed < bytesWanted) {
        Reservation next = held.poll();
        if (next == null) {
          break;
        }
        freed += next.bytes();
        next.close();
      }
      return freed;
    }
  }

  private void inThreads(Runnable body) throws Exception {
    List<Thread> threads = new ArrayList<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    CyclicBarrier together = new CyclicBarrier(THREADS);
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      together.await();
                      body.run();
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      fail("a thread failed", failures.peek());
    }
  }

  @Test
  void eightThreadsBreachingAtOnceNeverDeadlock() throws Exception {
    Pool pool = new Pool();
    spilling.register("a", pool, 0, Optional.empty());
    long bytes = LIMIT / 16;
    int rounds = 10_000;
    CyclicBarrier round = new CyclicBarrier(THREADS);
    AtomicLong highest = new AtomicLong();
    inThreads(
        () -> {
          for (int i = 0; i < rounds; i++) {
            meet(round);
            pool.held.add(governor.reserve("a", bytes));
            highest.accumulateAndGet(engine.usedNow(), Math::max);
          }
        });
    assertThat(highest.get()).isLessThanOrEqualTo(LIMIT);
    assertThat(engine.snapshot().rejections()).as("what could be spilled").isZero();
    assertThat(engine.snapshot().spilledBytes())
        .isGreaterThanOrEqualTo(THREADS * rounds * bytes - LIMIT);
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void handlerThatThrowsOrReservesLeavesTheOthersServedAndTheEngineBounded() throws Exception {
    Pool pool = new Pool();
    spilling.register("a", pool, 5, Optional.empty());
    spilling.register(
        "a",
        (wanted, context) -> {
          throw new IllegalStateException("no disk");
        },
        1,
        Optional.empty());
    spilling.register(
        "a",
        (wanted, context) -> {
          pool.held.add(governor.reserve("a", LIMIT / 8));
          return 0;
        },
        2,
        Optional.empty());
    long bytes = LIMIT / 64;
    inThreads(
        () -> {
          for (int round = 0; round < 200; round++) {
            pool.held.add(governor.reserve("a", bytes));
            if (engine.usedNow() > LIMIT) {
              throw new AssertionError("over the limit");
            }
          }
        });
    assertThat(reports).anyMatch(r -> r.failure().orElse("").contains("no disk"));
  }

  @Test
  void handlerThatHangsHoldsUpNoOtherEngine() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch hangs = new CountDownLatch(1);
    spilling.register(
        "a",
        (wanted, context) -> {
          hangs.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            return 0;
          }
          return 0;
        },
        0,
        Optional.empty());
    Reservation full = governor.reserve("a", LIMIT - (2 << 20));
    hangs.await();
    Pool pool = new Pool();
    spilling.register("b", pool, 0, Optional.empty());
    for (int i = 0; i < 256; i++) {
      pool.held.add(governor.reserve("b", LIMIT / 64));
    }
    assertThat(governor.engine("b").snapshot().spills()).isPositive();
    try {
      governor.reserve("a", 4 << 20);
      fail("there is no room");
    } catch (BudgetExceededException e) {
      assertThat(engine.usedNow()).isLessThanOrEqualTo(LIMIT);
    }
    assertThat(reports).anyMatch(r -> r.failure().orElse("").contains("given up"));
    release.countDown();
    full.close();
  }

  @Test
  void registrationsMayComeAndGoWhileThreadsBreach() throws Exception {
    Pool pool = new Pool();
    spilling.register("a", pool, 0, Optional.empty());
    inThreads(
        () -> {
          for (int round = 0; round < 200; round++) {
            Registration mine =
                spilling.register("a", (w, context) -> 0, round % 3, Optional.empty());
            pool.held.add(governor.reserve("a", LIMIT / 64));
            mine.close();
          }
        });
    assertThat(engine.usedNow()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void crossingsWithoutATransitionAreNoSpillAndNoQueue() throws Exception {
    timeStands = true;
    LinkedBlockingQueue<PressureTransition> transitions = new LinkedBlockingQueue<>();
    governor.onPressure(transitions::add);
    AtomicLong calls = new AtomicLong();
    Reservation data = governor.reserve("a", 59L * LIMIT / 64);
    CountDownLatch asked = new CountDownLatch(1);
    spilling.register(
        "a",
        (wanted, context) -> {
          calls.incrementAndGet();
          asked.countDown();
          return 0;
        },
        0,
        Optional.empty());
    asked.await();
    while (reports.isEmpty()) {
      Thread.onSpinWait();
    }
    int before = Thread.activeCount();
    // Around spill.start, 57.6 of 64, and neither down to spill.restore nor out of CRITICAL.
    for (int i = 0; i < 100_000; i++) {
      data.resize((i % 2 == 0 ? 56L : 58L) * LIMIT / 64);
    }
    assertThat(calls).as("one shortage").hasValue(1);
    assertThat(reports).hasSize(1);
    assertThat(Thread.activeCount()).isLessThanOrEqualTo(before);
    data.resize(0);
    assertThat(transitions.poll(60, TimeUnit.SECONDS).to()).isEqualTo(PressureLevel.CRITICAL);
    assertThat(transitions.poll(60, TimeUnit.SECONDS).to()).isEqualTo(PressureLevel.NORMAL);
    assertThat(transitions).isEmpty();
  }

  @Test
  void everyFallBackBelowTheStartIsOneSpill() throws Exception {
    timeStands = true;
    LongAdder calls = new LongAdder();
    Pool pool = new Pool();
    spilling.register(
        "a",
        (wanted, context) -> {
          calls.increment();
          return pool.spill(wanted, context);
        },
        0,
        Optional.empty());
    Semaphore ended = new Semaphore(0);
    spilling.addListener(restoring -> report -> ended.release(restoring ? 0 : 1));
    for (int i = 0; i < 500; i++) {
      while (engine.usedNow() < 58L * LIMIT / 64) {
        pool.held.add(governor.reserve("a", LIMIT / 64));
      }
      ended.acquire();
      ended.drainPermits();
    }
    assertThat(calls.sum()).isPositive();
    assertThat(engine.snapshot().spilledBytes())
        .as("no call for less than lies between the thresholds")
        .isGreaterThanOrEqualTo(calls.sum() * (Given.START - Given.RESTORE) * LIMIT / Given.LIMIT);
    assertThat(reports).allMatch(r -> r.failure().isEmpty());
  }
}
