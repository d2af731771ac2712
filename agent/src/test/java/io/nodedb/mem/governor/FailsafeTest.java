package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailsafeTest {
  private final List<String> told = new ArrayList<>();
  private boolean full;

  private final Failsafe failsafe =
      new Failsafe(
          line -> {
            if (full) {
              throw new OutOfMemoryError("no room for the line");
            }
            told.add(line);
          });

  @Test
  void firstFailureIsToldOnceAndNoneGetsOut() {
    failsafe.run("this", () -> {});
    for (int i = 0; i < 3; i++) {
      failsafe.run(
          "a pass",
          () -> {
            throw new OutOfMemoryError("Java heap space");
          });
    }
    assertThat(told).containsExactly("a pass failed: java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void failureThatCannotBeToldIsFollowedByOneThatCan() {
    full = true;
    failsafe.failed("view", this, new OutOfMemoryError());
    full = false;
    failsafe.failed("view", this, new IllegalStateException());
    failsafe.failed("view", this, new IllegalStateException());
    assertThat(told)
        .containsExactly(
            "view " + FailsafeTest.class.getName() + " failed: java.lang.IllegalStateException");
  }
}
