package io.nodedb.mem.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.Registration;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.SpillContext;
import io.nodedb.mem.Spillable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SpillingTest {
  private static Registration register(Given given, Spillable handler) {
    return given.spilling.register("a", handler, 0, Optional.empty());
  }

  @Test
  void spillingBeginsAtStartAndAimsAtRestore() {
    Given given = Given.direct();
    Cache cache = new Cache(given.governor, "a", 40_000);
    register(given, cache);
    Reservation other = given.governor.reserve("a", Given.START - 40_000 - Given.RESERVE - 1);
    given.settle();
    assertThat(cache.wanted).isEmpty();
    other.resize(other.bytes() + 1);
    given.settle();
    assertThat(cache.wanted).containsExactly(Given.START - Given.RESTORE);
    assertThat(given.used()).isEqualTo(Given.RESTORE);
    assertThat(given.reports)
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.handler()).isEqualTo(Cache.class.getName());
              assertThat(r.moved()).isEqualTo(Given.START - Given.RESTORE);
              assertThat(r.awaited()).isFalse();
              assertThat(r.failure()).isEmpty();
            });
    assertThat(given.engine().snapshot().spills()).isEqualTo(1);
    assertThat(given.engine().snapshot().spilledBytes()).isEqualTo(Given.START - Given.RESTORE);
  }

  @Test
  void controllerGoesThroughItsStates() {
    Given given = Given.queued();
    Cache cache = new Cache(given.governor, "a", 40_000);
    cache.portion = 5_000;
    register(given, cache);
    assertThat(given.spilling.states(given.engine())).containsExactly(SpillState.NONE);
    Reservation other = given.governor.reserve("a", 20_000);
    given.spilling.advance();
    assertThat(given.spilling.states(given.engine())).containsExactly(SpillState.BEGIN);
    given.tasks.remove().run();
    assertThat(given.spilling.states(given.engine())).containsExactly(SpillState.CONTINUE);
    given.settle();
    assertThat(given.spilling.states(given.engine())).containsExactly(SpillState.NONE);
    other.close();
    given.spilling.advance();
    assertThat(given.spilling.states(given.engine())).containsExactly(SpillState.RESTORE);
    given.settle();
    assertThat(given.spilling.states(given.engine())).containsExactly(SpillState.NONE);
    assertThat(cache.spilled).isZero();
  }

  @Test
  void lowestPriorityFirstThenColdestAndBackTheOtherWay() {
    Given given = Given.direct();
    List<String> order = new ArrayList<>();
    for (String name : List.of("0 warm", "0 cold", "1 cold")) {
      Cache cache = new Cache(given.governor, "a", 5_000).colder(name.endsWith("cold") ? 9 : 1);
      Spillable named =
          new Spillable() {
            @Override
            public long spill(long bytesWanted, SpillContext context) {
              if (cache.held.bytes() > 0) {
                order.add("spill " + name);
              }
              return cache.spill(bytesWanted, context);
            }

            @Override
            public long restore(long bytesAvailable, SpillContext context) {
              if (cache.spilled > 0) {
                order.add("restore " + name);
              }
              return cache.restore(bytesAvailable, context);
            }

            @Override
            public int coldness() {
              return cache.coldness;
            }
          };
      given.spilling.register("a", named, name.charAt(0) - '0', Optional.empty());
    }
    Reservation other = given.governor.reserve("a", Given.LIMIT - 16_000);
    given.settle();
    assertThat(order).containsExactly("spill 0 cold", "spill 0 warm", "spill 1 cold");
    order.clear();
    other.close();
    given.settle();
    assertThat(order).containsExactly("restore 1 cold", "restore 0 warm", "restore 0 cold");
  }

  @Test
  void restorationStaysBelowTheThreshold() {
    Given given = Given.direct();
    Cache cache = new Cache(given.governor, "a", 50_000);
    register(given, cache);
    Reservation other = given.governor.reserve("a", 13_000);
    given.settle();
    assertThat(cache.spilled).isEqualTo(Given.LIMIT - Given.RESTORE);
    other.resize(12_500);
    given.settle();
    assertThat(cache.offered).as("half a kilobyte is not worth a call").isEmpty();
    other.resize(6_000);
    given.settle();
    assertThat(cache.offered).first().isEqualTo(7_000L);
    assertThat(given.used()).isEqualTo(Given.RESTORE);
  }

  @Test
  void restorationIsAbandonedWhenPressureReturns() {
    Given given = Given.queued();
    Cache cache = new Cache(given.governor, "a", 50_000);
    AtomicBoolean abandoned = new AtomicBoolean();
    List<Reservation> back = new ArrayList<>();
    register(
        given,
        new Spillable() {
          @Override
          public long spill(long bytesWanted, SpillContext context) {
            return cache.spill(bytesWanted, context);
          }

          @Override
          public long restore(long bytesAvailable, SpillContext context) {
            back.add(given.governor.reserve("a", Given.LIMIT - given.used()));
            given.spilling.advance();
            abandoned.set(context.abandoned());
            back.removeLast().close();
            return 0;
          }
        });
    Reservation other = given.governor.reserve("a", 13_000);
    given.settle();
    other.close();
    given.settle();
    assertThat(abandoned).isTrue();
  }

  @Test
  void breachingThreadIsServedSynchronously() {
    Given given = Given.direct();
    Cache cache = new Cache(given.governor, "a", 50_000);
    register(given, cache);
    try (Reservation big = given.governor.reserve("a", 30_000)) {
      assertThat(big.bytes()).isEqualTo(30_000);
      assertThat(given.reports).first().extracting(SpillReport::awaited).isEqualTo(true);
      assertThat(given.used()).isLessThanOrEqualTo(Given.LIMIT);
    }
  }

  @Test
  void reserveLetsAHandlerAllocateWhileTheEngineIsFull() {
    for (BreachMode mode : List.of(BreachMode.REJECT, BreachMode.WAIT)) {
      Given given = Given.direct(mode);
      Cache cache = new Cache(given.governor, "a", 50_000);
      List<String> outcomes = new ArrayList<>();
      register(
          given,
          (wanted, context) -> {
            try (Reservation buffer = given.governor.reserve("a", Given.RESERVE)) {
              outcomes.add("granted " + buffer.bytes() + " at " + given.used());
              given.governor.reserve("a", 2 * Given.LIMIT).close();
            } catch (BudgetExceededException e) {
              outcomes.add("refused");
            }
            return cache.spill(wanted, context);
          });
      Reservation other = given.governor.reserve("a", Given.LIMIT - 50_000 - Given.RESERVE);
      assertThat(given.used()).isEqualTo(Given.LIMIT);
      given.governor.reserve("a", 10).close();
      assertThat(outcomes)
          .as(mode.toString())
          .startsWith("granted " + Given.RESERVE + " at " + Given.LIMIT, "refused");
      other.close();
      assertThat(given.engine().usedNow()).isEqualTo(cache.held.bytes() + Given.RESERVE);
    }
  }

  @Test
  void reserveIsSetAsideForTheFirstHandlerAndGivenBackAfterTheLast() {
    Given given = Given.direct();
    Registration first = register(given, (wanted, context) -> 0);
    Registration second = register(given, (wanted, context) -> 0);
    assertThat(given.used()).isEqualTo(Given.RESERVE);
    assertThat(given.engine().reservedAlive()).isEqualTo(Given.RESERVE);
    first.close();
    assertThat(given.used()).isEqualTo(Given.RESERVE);
    second.close();
    assertThat(given.used()).isZero();
  }

  @Test
  void registrationsMayComeAndGoDuringACall() {
    Given given = Given.direct();
    Cache late = new Cache(given.governor, "a", 10_000);
    List<Registration> own = new ArrayList<>();
    own.add(
        register(
            given,
            (wanted, context) -> {
              own.removeFirst().close();
              assertThat(context.abandoned()).isTrue();
              register(given, late);
              return 0;
            }));
    Reservation other = given.governor.reserve("a", Given.START - 10_000);
    given.settle();
    assertThat(own).isEmpty();
    assertThat(late.wanted).isNotEmpty();
    other.close();
  }

  @Test
  void coresOwnHandlersSpillTheirSharesOnTheirThreads() {
    Given given = Given.direct();
    List<Integer> ran = new ArrayList<>();
    List<Cache> caches = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int core = i;
      Cache cache = new Cache(given.governor, "a", 20_000);
      caches.add(cache);
      Executor executor =
          task -> {
            ran.add(core);
            task.run();
          };
      given.spilling.register("a", cache, 0, Optional.of(executor));
    }
    ran.clear();
    Reservation other = given.governor.reserve("a", Given.START - 40_000 - Given.RESERVE);
    given.settle();
    assertThat(given.spilling.states(given.engine())).hasSize(2);
    assertThat(ran).contains(0, 1);
    assertThat(caches).allSatisfy(c -> assertThat(c.wanted.getFirst()).isLessThanOrEqualTo(4_800L));
    assertThat(given.used()).isLessThanOrEqualTo(Given.RESTORE);
    other.close();
  }

  @Test
  void coreThatBreachesRunsWhatItsExecutorWasHandedLongAgo() {
    Given given = Given.queued();
    Cache cache = new Cache(given.governor, "a", 40_000);
    // This thread is the core: it takes its tasks when it has nothing else to do.
    given.spilling.register("a", cache, 0, Optional.of(given.tasks::add));
    given.settle();
    Reservation other = given.governor.reserve("a", 20_000);
    given.spilling.advance();
    assertThat(given.tasks).hasSize(1);
    Reservation more = given.governor.reserve("a", 20_000);
    assertThat(cache.wanted).isNotEmpty();
    given.settle();
    assertThat(given.used()).isLessThanOrEqualTo(Given.LIMIT);
    other.close();
    more.close();
  }

  @Test
  void limitThatIsLoweredCountsAsPressure() {
    Given given = Given.direct();
    Cache cache = new Cache(given.governor, "a", 30_000);
    register(given, cache);
    given.settle();
    given.governor.setLimit("a", 32_000);
    given.settle();
    assertThat(given.used()).isLessThanOrEqualTo(24_000);
  }

  @Test
  void unknownEngineAndMissingHandlerAreRefused() {
    Given given = Given.direct();
    assertThatThrownBy(() -> given.spilling.register("x", (w, c) -> 0, 0, Optional.empty()))
        .hasMessageContaining("x");
    assertThatThrownBy(() -> register(given, null)).isInstanceOf(NullPointerException.class);
  }
}
