package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BudgetTest {
  @Test
  void admissionThatLookedBeforeALoweringDoesNotPassAfter() {
    Budget budget = new Budget(100);
    long seen = budget.look();
    assertThat(budget.limit(50)).isTrue();
    assertThat(budget.move(seen, 90)).isFalse();
    assertThat(budget.used()).isZero();
    assertThat(budget.move(budget.look(), 50)).isTrue();
    assertThat(budget.moment()).isEqualTo(new Budget.Moment(50, 50));
  }

  @Test
  void limitIsNotLoweredIntoRoomThatHasToBeLeft() {
    Budget budget = new Budget(100);
    budget.add(50);
    assertThat(budget.limit(59, 59, 10)).isFalse();
    assertThat(budget.moment()).isEqualTo(new Budget.Moment(50, 100));
    assertThat(budget.room()).isEqualTo(50);
    assertThat(budget.limit(60, 60, 10)).isTrue();
    assertThat(budget.moment()).isEqualTo(new Budget.Moment(50, 60));
  }

  /** An admission that read the limit before it was lowered must not pass after. */
  @Test
  void loweredLimitHoldsAgainstAdmissionsUnderWay() throws Exception {
    Budget budget = new Budget(100);
    AtomicBoolean done = new AtomicBoolean();
    FutureTask<Void> admissions =
        new FutureTask<>(
            () -> {
              while (!done.get()) {
                if (budget.tryAdd(90) >= 0) {
                  budget.subtract(90);
                }
              }
              return null;
            });
    Thread.ofPlatform().start(admissions);
    int lowered = 0;
    try {
      while (lowered < 500_000) {
        if (budget.limit(50)) {
          lowered++;
          for (int look = 0; look < 10; look++) {
            if (budget.used() > 50) {
              throw new AssertionError("use past the lowered limit");
            }
          }
          budget.limit(100);
        }
      }
    } finally {
      done.set(true);
    }
    admissions.get();
    assertThat(budget.used()).isZero();
  }
}
