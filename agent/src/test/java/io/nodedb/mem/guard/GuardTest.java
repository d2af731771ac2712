package io.nodedb.mem.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A process of 1000 bytes at most, and three kinds of memory to give back. */
class GuardTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<String> done = new ArrayList<>();
  private final List<Optional<Double>> pressure = new ArrayList<>();
  private long now = 5 * SECOND;
  private long resident;
  private long dirty;
  private long cold;
  private long free;

  private final Guard guard =
      new Guard(
          () -> new Occupancy(resident, 1000),
          List.of(
              new GuardStep("purge", SECOND, () -> give("purge", dirty)),
              new GuardStep("page-out", SECOND, () -> give("page-out", cold)),
              new GuardStep("collect", 2 * SECOND, () -> give("collect", free))),
          p -> pressure.add(p.map(Occupancy::share)),
          () -> now);

  private boolean give(String step, long bytes) {
    done.add(step);
    resident -= bytes;
    return bytes > 0;
  }

  @Test
  void nothingIsDoneBelowTheStart() {
    resident = 899;
    guard.look();
    assertThat(done).isEmpty();
    assertThat(guard.count()).isZero();
  }

  @Test
  void stepsGoInOrderAndEndWhenTheProcessIsCalm() {
    resident = 950;
    dirty = 40;
    cold = 70;
    free = 500;
    guard.look();
    assertThat(done).containsExactly("purge", "page-out");
    assertThat(resident).isEqualTo(840);
    assertThat(pressure).isEmpty();
    assertThat(guard.count()).isEqualTo(2);
  }

  @Test
  void pressureIsRaisedOnlyWhenNothingElseHelpsAndEndsBelowTheCalm() {
    resident = 960;
    guard.look();
    assertThat(done).containsExactly("purge", "page-out", "collect");
    assertThat(pressure).containsExactly(Optional.of(0.96));
    resident = 870;
    guard.look();
    assertThat(pressure).last().isEqualTo(Optional.of(0.87));
    resident = 849;
    guard.look();
    guard.look();
    assertThat(pressure).hasSize(3).last().isEqualTo(Optional.empty());
  }

  @Test
  void noPressureIsRaisedBetweenTheStartAndTheRaise() {
    resident = 949;
    guard.look();
    assertThat(done).hasSize(3);
    assertThat(pressure).isEmpty();
  }

  @Test
  void whatDoesNotHelpIsTriedLessAndLessOften() {
    resident = 920;
    int looks = 0;
    for (; now < 305 * SECOND; now += SECOND / 10) {
      guard.look();
      looks++;
    }
    assertThat(looks).isEqualTo(3000);
    // At 0 s, then after 2, 4, 8, 16 s, then each 16; a collection rests twice as long.
    assertThat(done.stream().filter("purge"::equals)).hasSizeBetween(18, 24);
    assertThat(done.stream().filter("collect"::equals)).hasSizeBetween(9, 14);
  }

  @Test
  void whatHelpsMayRunAgainAfterItsRest() {
    dirty = 100;
    resident = 940;
    guard.look();
    now += SECOND / 2;
    resident = 940;
    guard.look();
    assertThat(done).containsExactly("purge", "page-out", "collect");
    now += SECOND / 2;
    guard.look();
    assertThat(done).last().isEqualTo("purge");
    assertThat(resident).isEqualTo(840);
  }
}
