package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Reservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many threads at every operation, while another samples the figures. */
@Timeout(120)
class AdmissionRaceTest {
  private static final String[] NAMES = {"a", "b", "c", "w"};

  @ParameterizedTest
  @CsvSource({"1000, platform", "67108864, platform", "67108864, virtual"})
  void noBoundIsEverPassedAndAllComesBack(long limit, String threads) throws Exception {
    // The limits fill the ceiling less a sixteenth's worth, so both bounds are met.
    Governor governor =
        Given.ceiling(limit * 5 / 2)
            .engine("a", limit)
            .engine("b", limit / 2)
            .engine("c", limit / 2)
            .engine("w", limit / 2, BreachMode.WAIT, Duration.ofNanos(20_000))
            .realTime()
            .governor();
    AtomicBoolean done = new AtomicBoolean();
    ThreadFactory factory =
        threads.equals("virtual") ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
    try (ExecutorService pool = Executors.newThreadPerTaskExecutor(factory)) {
      Future<Long> samples = pool.submit(() -> sample(governor, done));
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        long seed = i;
        workers.add(pool.submit(() -> work(governor, new SplittableRandom(seed), limit)));
      }
      try {
        for (Future<?> each : workers) {
          each.get();
        }
      } finally {
        done.set(true);
      }
      assertThat(samples.get()).isPositive();
    }
    allZero(governor);
  }

  private static void work(Governor governor, SplittableRandom random, long limit) {
    List<Reservation> held = new ArrayList<>();
    for (int i = 0; i < 15_000; i++) {
      String name = NAMES[random.nextInt(4)];
      long bytes =
          random.nextInt(3) == 0
              ? random.nextLong(limit / 3)
              : random.nextLong(Math.min(limit / 20, 1000));
      try {
        switch (random.nextInt(8)) {
          case 0, 1 -> held.add(governor.reserve(name, bytes));
          case 2 -> governor.tryReserve(name, bytes).ifPresent(held::add);
          case 3 -> any(held, random).resize(bytes);
          case 4 -> any(held, random).transferTo(name);
          case 5 -> governor.setLimit(name, limit / 4 + random.nextLong(limit));
          default -> {
            if (!held.isEmpty()) {
              held.remove(random.nextInt(held.size())).close();
            }
          }
        }
      } catch (BudgetExceededException | IllegalArgumentException refused) {
        continue;
      }
      if (held.size() > 12) {
        held.remove(0).close();
      }
    }
    held.forEach(Reservation::close);
  }

  private static Reservation any(List<Reservation> held, SplittableRandom random) {
    if (held.isEmpty()) {
      throw new IllegalArgumentException("nothing held");
    }
    return held.get(random.nextInt(held.size()));
  }

  private static long sample(Governor governor, AtomicBoolean done) {
    long samples = 0;
    while (!done.get()) {
      for (Engine each : governor.engines()) {
        Budget.Moment moment = each.budget.moment();
        assertThat(moment.used()).isBetween(0L, moment.limit());
        EngineSnapshot s = each.snapshot();
        assertThat(s.used()).isBetween(0L, s.limit());
      }
      assertThat(governor.totals().used()).isBetween(0L, governor.ceiling());
      assertThat(governor.snapshot().used()).isBetween(0L, governor.ceiling());
      samples++;
    }
    return samples;
  }

  private static void allZero(Governor governor) {
    for (Engine each : governor.engines()) {
      assertThat(each.snapshot().used()).isZero();
      each.leases.pause();
      assertThat(each.budget.used()).isZero();
      for (LedgerKind kind : LedgerKind.values()) {
        assertThat(each.used(kind)).isZero();
      }
      assertThat(each.snapshot().overReleases()).isZero();
    }
    assertThat(governor.totals().used()).isZero();
    assertThat(governor.waiting.size()).isZero();
  }

  @Test
  void heapAdmissionsKeepTheHeapCeiling() throws Exception {
    Governor governor =
        Given.ceiling(4000).heapCeiling(1000).engine("a", 900).engine("b", 900).governor();
    try (ExecutorService pool = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Engine engine = governor.engines().get(i % 2);
        workers.add(
            pool.submit(
                () -> {
                  for (int n = 0; n < 20_000; n++) {
                    if (engine.tryAdmit(LedgerKind.HEAP, 400)) {
                      assertThat(governor.totals().used()).isLessThanOrEqualTo(1000);
                      engine.release(LedgerKind.HEAP, 400);
                    }
                  }
                }));
      }
      for (Future<?> each : workers) {
        each.get();
      }
    }
    allZero(governor);
    assertThat(governor.totals().heapUsed()).isZero();
  }

  /** Two threads that fit together, beside threads that the ceiling refuses all the time. */
  @Test
  void requestThatFitsIsNotRefusedForBytesAnotherHasToGiveBack() throws Exception {
    Governor governor = Given.ceiling(1000).engine("a", 500).engine("b", 500).governor();
    governor.charge("b", 600);
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService pool = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      // Moves the total about, so that some of the large requests pass the first look only.
      Future<?> swing =
          pool.submit(
              () -> {
                while (!done.get()) {
                  governor.charge("b", 200);
                  governor.release("b", 200);
                }
              });
      Future<?> large =
          pool.submit(
              () -> {
                while (!done.get()) {
                  governor.tryReserve("a", 300).ifPresent(Reservation::close);
                }
              });
      Future<?> small =
          pool.submit(
              () -> {
                try {
                  for (int i = 0; i < 20_000; i++) {
                    // 150 + 300 fit the limit, and 800 + 150 the ceiling less the large one's 300
                    // only when that is refused: the limit must never be what refuses.
                    try {
                      governor.reserve("a", 150).close();
                    } catch (BudgetExceededException e) {
                      assertThat(e.bound()).isEqualTo(BudgetExceededException.Bound.CEILING);
                    }
                  }
                } finally {
                  done.set(true);
                }
              });
      small.get();
      swing.get();
      large.get();
    }
    assertThat(governor.usedNow()).isEqualTo(600);
  }
}
