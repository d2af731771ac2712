package io.nodedb.mem.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.Spillable;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each kind of handler that misbehaves, beside one that does not. */
@Timeout(60)
class BadHandlersTest {
  private final Given given = Given.direct();
  private final AtomicInteger asked = new AtomicInteger();

  /** Colder than the good one, so it is asked first. */
  private void bad(Spillable handler) {
    given.spilling.register(
        "a",
        (wanted, context) -> {
          asked.incrementAndGet();
          return handler.spill(wanted, context);
        },
        -1,
        Optional.empty());
  }

  private Cache good() {
    Cache cache = new Cache(given.governor, "a", 40_000);
    given.spilling.register("a", cache, 0, Optional.empty());
    return cache;
  }

  private Reservation press() {
    Reservation other = given.governor.reserve("a", Given.LIMIT - Given.RESERVE - given.used());
    given.settle();
    return other;
  }

  private void expectBlamedOnceAndTheOtherServed(String failure) {
    Cache cache = good();
    given.settle();
    Reservation other = press();
    assertThat(given.used()).isLessThanOrEqualTo(Given.RESTORE);
    assertThat(cache.wanted).isNotEmpty();
    assertThat(asked).as("asked once for the shortage").hasValue(1);
    assertThat(given.reports)
        .filteredOn(r -> r.failure().isPresent())
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.handler()).startsWith(BadHandlersTest.class.getName());
              assertThat(r.failure().orElseThrow()).contains(failure);
            });
    other.close();
    given.settle();
    press();
    assertThat(asked).as("asked again for the next").hasValue(2);
  }

  @Test
  void onePassesOverAThrower() {
    bad(
        (wanted, context) -> {
          throw new IllegalStateException("no disk");
        });
    expectBlamedOnceAndTheOtherServed("no disk");
  }

  @Test
  void onePassesOverAnError() {
    bad(
        (wanted, context) -> {
          throw new StackOverflowError();
        });
    expectBlamedOnceAndTheOtherServed("StackOverflowError");
  }

  @Test
  void onePassesOverOneThatFreesNothing() {
    bad((wanted, context) -> 0);
    expectBlamedOnceAndTheOtherServed("freed nothing");
  }

  @Test
  void onePassesOverALiar() {
    bad((wanted, context) -> Long.MAX_VALUE);
    expectBlamedOnceAndTheOtherServed("says it freed " + Long.MAX_VALUE + " bytes, freed 0");
  }

  @Test
  void onePassesOverNegativeFigures() {
    bad((wanted, context) -> Long.MIN_VALUE);
    expectBlamedOnceAndTheOtherServed("says it freed " + Long.MIN_VALUE);
  }

  @Test
  void onePassesOverOneThatReservesItself() {
    bad(
        (wanted, context) -> {
          given.governor.reserve("a", Given.LIMIT);
          return 0;
        });
    expectBlamedOnceAndTheOtherServed(BudgetExceededException.class.getName());
  }

  @Test
  void onePassesOverOneThatReservesOfAnotherFullEngine() {
    Reservation full = given.governor.reserve("b", Given.LIMIT);
    bad(
        (wanted, context) -> {
          given.governor.reserve("b", 1);
          return 0;
        });
    expectBlamedOnceAndTheOtherServed("'b'");
    full.close();
  }

  @Test
  void throwingColdnessIsBlamedAndTheOtherServed() {
    Cache cache = good();
    given.spilling.register(
        "a",
        new Spillable() {
          @Override
          public long spill(long bytesWanted, io.nodedb.mem.SpillContext context) {
            asked.incrementAndGet();
            return 0;
          }

          @Override
          public int coldness() {
            throw new IllegalStateException("no idea");
          }
        },
        0,
        Optional.empty());
    press();
    assertThat(cache.wanted).isNotEmpty();
    assertThat(asked).hasValue(0);
    assertThat(given.reports).anyMatch(r -> r.failure().orElse("").contains("no idea"));
  }

  @Test
  void hangingHandlerIsGivenUpAndNotCalledBeforeItReturns() {
    Given queued = Given.queued();
    queued.spilling.register("a", (wanted, context) -> 0, -1, Optional.empty());
    Cache cache = new Cache(queued.governor, "a", 40_000);
    queued.spilling.register("a", cache, 0, Optional.empty());
    Reservation other =
        queued.governor.reserve("a", Given.LIMIT - Given.RESERVE - queued.used());
    queued.spilling.advance();
    Runnable hung = queued.tasks.remove();
    queued.settle();
    assertThat(cache.wanted).as("one call of a controller at a time").isEmpty();
    queued.pass(Given.PATIENCE);
    queued.settle();
    assertThat(queued.used()).isLessThanOrEqualTo(Given.RESTORE);
    assertThat(queued.reports)
        .first()
        .satisfies(
            r -> {
              assertThat(r.handler()).startsWith(BadHandlersTest.class.getName());
              assertThat(r.failure().orElseThrow()).contains("given up");
            });
    int reported = queued.reports.size();
    hung.run();
    assertThat(queued.reports).as("a call that was given up says nothing more").hasSize(reported);
    other.close();
  }

  @Test
  void slowHandlerThatFreesIsNotGivenUp() throws Exception {
    Given queued = Given.queued();
    Reservation data = queued.governor.reserve("a", 40_000);
    queued.spilling.register(
        "a",
        (wanted, context) -> {
          for (int i = 0; i < 8; i++) {
            data.resize(data.bytes() - 2_000);
            queued.pass(Given.PATIENCE);
            queued.spilling.advance();
            assertThat(context.abandoned()).isFalse();
          }
          return 16_000;
        },
        0,
        Optional.empty());
    Reservation other = queued.governor.reserve("a", Given.LIMIT - Given.RESERVE - 40_000);
    queued.settle();
    assertThat(queued.reports)
        .singleElement()
        .satisfies(r -> assertThat(r.failure()).isEmpty());
    other.close();
  }

  @Test
  void breachWithoutAnybodyToAskIsRefusedAtOnce() {
    bad(
        (wanted, context) -> {
          throw new IllegalStateException("no disk");
        });
    Reservation other = press();
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> given.governor.reserve("a", 2 * Given.RESERVE))
          .isInstanceOf(BudgetExceededException.class);
    }
    assertThat(asked).hasValue(1);
    assertThat(given.used()).isLessThanOrEqualTo(Given.LIMIT);
    other.close();
  }

  @Test
  void oneThatHadNothingIsAskedAgainWhenUseHasGrownOrAfterAWhile() {
    bad((wanted, context) -> 0);
    Reservation other = given.governor.reserve("a", Given.START);
    given.settle();
    assertThat(asked).hasValue(1);
    Reservation little = given.governor.reserve("a", 500);
    given.settle();
    assertThat(asked).hasValue(1);
    Reservation more = given.governor.reserve("a", 1_000);
    given.settle();
    assertThat(asked).as("grown by a 64th of the limit").hasValue(2);
    given.pass(TimeUnit.SECONDS.toNanos(1));
    assertThatThrownBy(() -> given.governor.reserve("a", 10_000))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(asked).as("a breach a second later").hasValue(3);
    other.close();
    little.close();
    more.close();
  }
}
