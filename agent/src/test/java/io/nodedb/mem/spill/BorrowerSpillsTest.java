package io.nodedb.mem.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.WorkloadHint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an engine has borrowed is paid back by its spill handlers when the lender needs it. */
@Timeout(60)
class BorrowerSpillsTest {
  private static final long UNIT = 1 << 20;

  @Test
  void lenderInNeedHasTheBorrowerSpill() {
    List<String> problems = new ArrayList<>();
    Governor governor =
        Budgets.ceiling(1000 * UNIT)
            .engine("a", 500 * UNIT)
            .engine("b", 500 * UNIT)
            .rebalancing(Duration.ofSeconds(1), 0.05, WorkloadHint.AUTO)
            .clock(() -> 0)
            .problems(problems::add)
            .governor();
    Spilling spilling =
        new Spilling(
            new SpillEnvironment(
                governor, 0.9, 0.75, () -> 0, 1, Runnable::run),
            problems::add);
    governor.addRelief(spilling);
    Engine a = governor.engine("a");
    Engine b = governor.engine("b");
    for (int i = 0; i < 3; i++) {
      governor.rebalancer().round();
    }
    Deque<Reservation> cache = new ArrayDeque<>();
    for (int i = 0; i < 70; i++) {
      cache.add(governor.reserve("a", 10 * UNIT));
    }
    assertThat(a.usedNow()).as("borrowed").isGreaterThanOrEqualTo(700 * UNIT);
    spilling.register(
        "a",
        (wanted, context) -> {
          long freed = 0;
          while (freed < wanted && !cache.isEmpty()) {
            Reservation next = cache.poll();
            freed += next.bytes();
            next.close();
          }
          return freed;
        },
        0,
        Optional.empty());
    spilling.advance();
    // Past what a's handlers freed as they came: a is within its limit, not within its base.
    while (a.usedNow() < 550 * UNIT) {
      cache.add(governor.reserve("a", 10 * UNIT));
    }
    assertThatThrownBy(() -> governor.reserve("b", 490 * UNIT))
        .isInstanceOf(BudgetExceededException.class);
    spilling.advance();
    assertThat(a.usedNow()).as("spilled, to be within its base").isLessThan(500 * UNIT);
    governor.reserve("b", 490 * UNIT);
    assertThat(b.limit()).isEqualTo(500 * UNIT);
    assertThat(problems).isEmpty();
    spilling.close();
    governor.stop();
  }
}
