package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How often collections are asked for. */
class AssistPaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int FULL = 0;
  private static final int OTHER = 1;

  /** A clock may be negative. */
  private static final long START = -50 * SECOND;

  private final AssistPace pace = new AssistPace(SECOND, AssistPace.ESTIMATED, 2, START);

  private long left(int engine, long after) {
    return pace.left(engine, true, START + after);
  }

  private void collected(long nanos, long freed) {
    pace.collected(FULL, START, START + nanos, 1000, freed);
  }

  @Test
  void firstMayBeginAtOnce() {
    assertThat(left(FULL, 0)).isZero();
  }

  @Test
  void oneThatFreesHalfIsFollowedAfterTheInterval() {
    collected(SECOND / 4, 500);
    assertThat(left(FULL, SECOND / 4)).isEqualTo(SECOND * 3 / 4);
    collected(2 * SECOND, 1000);
    assertThat(left(FULL, 2 * SECOND)).isNotPositive();
  }

  @Test
  void oneThatFreesLittleTakesAQuarterOfTheTime() {
    collected(2 * SECOND, 499);
    assertThat(left(FULL, 2 * SECOND)).isEqualTo(6 * SECOND);
    assertThat(left(FULL, 8 * SECOND)).isNotPositive();
  }

  @Test
  void whereHeapIsSampledItTakesATenth() {
    AssistPace sampled = new AssistPace(SECOND, AssistPace.SAMPLED, 2, START);
    sampled.collected(FULL, START, START + SECOND / 2, 1000, 499);
    assertThat(sampled.left(FULL, true, START + SECOND / 2)).isEqualTo(SECOND * 9 / 2);
    assertThat(sampled.left(OTHER, true, START + SECOND / 2)).isEqualTo(SECOND / 2);
  }

  @Test
  void othersAndWhoMeetsWhatAllHaveFilledNeedNotPause() {
    collected(SECOND / 2, 0);
    assertThat(left(OTHER, SECOND / 2)).isEqualTo(SECOND / 2);
    assertThat(pace.left(FULL, false, START + SECOND / 2)).isEqualTo(SECOND / 2);
    assertThat(left(FULL, SECOND / 2)).isEqualTo(SECOND * 3 / 2);
  }

  @Test
  void engineThatAllocatesMeanwhileHasFreedNothing() {
    collected(SECOND, -300);
    assertThat(left(FULL, SECOND)).isEqualTo(3 * SECOND);
  }

  @Test
  void waitIsBoundedAndNeverBelowTheInterval() {
    collected(60 * SECOND, 0);
    assertThat(left(FULL, 60 * SECOND)).isEqualTo(10 * SECOND);
    collected(SECOND / 100, 0);
    assertThat(left(FULL, SECOND / 100)).isEqualTo(SECOND - SECOND / 100);
  }
}
