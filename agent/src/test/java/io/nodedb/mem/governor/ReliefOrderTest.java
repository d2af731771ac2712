package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.governor.ReliefStep.Stage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReliefOrderTest {
  private final Governor governor =
      Given.ceiling(1000).engine("a", 100).engine("b", 100).governor();
  private final List<String> called = new ArrayList<>();

  private ReliefStep step(Stage stage, String name) {
    return new ReliefStep() {
      @Override
      public Stage stage() {
        return stage;
      }

      @Override
      public boolean relieve(Engine engine, long missing, Bound bound) {
        called.add(name);
        return false;
      }
    };
  }

  @Test
  void stepsAreCalledByStageThenInTheOrderTheyCame() {
    governor.addRelief(step(Stage.BORROW, "borrow"));
    governor.addRelief(step(Stage.SPILL, "spill"));
    governor.addRelief(step(Stage.VERIFY, "verify 1"));
    governor.addRelief(step(Stage.VERIFY, "verify 2"));
    assertThatThrownBy(() -> governor.reserve("a", 101)).isInstanceOf(BudgetExceededException.class);
    assertThat(called).containsExactly("verify 1", "verify 2", "spill", "borrow");
  }

  @Test
  void stepWhoseRoomOthersTookIsCalledAgainWhileItMayHelp() {
    Reservation cache = governor.reserve("a", 100);
    List<Reservation> thieves = new ArrayList<>();
    governor.addRelief(
        new ReliefStep() {
          @Override
          public boolean relieve(Engine engine, long missing, Bound bound) {
            called.add("spill");
            cache.resize(cache.bytes() - 10);
            if (thieves.size() < 3) {
              thieves.add(governor.reserve("a", 10));
            }
            return false;
          }

          @Override
          public boolean mayHelpAgain(Engine engine, Bound bound, boolean ruledOut) {
            return cache.bytes() > 0;
          }
        });
    assertThat(governor.reserve("a", 10).bytes()).isEqualTo(10);
    assertThat(called).hasSize(4);
  }
}
