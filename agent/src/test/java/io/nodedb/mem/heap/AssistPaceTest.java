package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How often collections are asked for. */
class AssistPaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A clock may be negative. */
  private static final long START = -50 * SECOND;

  private final AssistPace pace = new AssistPace(SECOND);

  @Test
  void firstMayBeginAtOnce() {
    assertThat(pace.left(START)).isZero();
    assertThat(pace.left(-START)).isZero();
  }

  @Test
  void oneThatFreesHalfIsFollowedAfterTheInterval() {
    pace.collected(START, START + SECOND / 4, 1000, 500);
    assertThat(pace.left(START + SECOND / 4)).isEqualTo(SECOND * 3 / 4);
    pace.collected(START, START + 2 * SECOND, 1000, 1000);
    assertThat(pace.left(START + 2 * SECOND)).isNotPositive();
  }

  @Test
  void oneThatFreesLittleTakesAQuarterOfTheTime() {
    pace.collected(START, START + 2 * SECOND, 1000, 499);
    assertThat(pace.left(START + 2 * SECOND)).isEqualTo(6 * SECOND);
    assertThat(pace.left(START + 8 * SECOND)).isNotPositive();
  }

  @Test
  void engineThatAllocatesMeanwhileHasFreedNothing() {
    pace.collected(START, START + SECOND, 1000, -300);
    assertThat(pace.left(START + SECOND)).isEqualTo(3 * SECOND);
  }

  @Test
  void waitIsBoundedAndNeverBelowTheInterval() {
    pace.collected(START, START + 60 * SECOND, 1000, 0);
    assertThat(pace.left(START + 60 * SECOND)).isEqualTo(10 * SECOND);
    pace.collected(START, START + SECOND / 100, 1000, 0);
    assertThat(pace.left(START + SECOND / 100)).isEqualTo(SECOND - SECOND / 100);
  }
}
