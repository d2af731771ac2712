package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Raising and lowering at the same time, with the one who lowers stopped at the worst moments. */
class AttentionTest {
  private static final long LIMIT = 6400;

  private final Governor governor = Given.ceiling(LIMIT).engine("a", LIMIT).governor();

  /** Another thread fills the engine just before the flag is lowered, and goes on just after. */
  private final class Interrupted implements Attention.Flag {
    private boolean on;
    private boolean first = true;
    private boolean seenByOther;

    @Override
    public void set(boolean newOn) {
      if (newOn || !first) {
        on = newOn;
        return;
      }
      first = false;
      governor.charge("a", LIMIT - 10);
      on = false;
      governor.charge("a", 1);
      seenByOther = on;
    }

    @Override
    public boolean isSet() {
      return on;
    }
  }

  @Test
  void nextChargeRaisesWhatAnotherThreadHasLoweredAndNotYetLookedAtAgain() {
    governor.charge("a", LIMIT - 10);
    Interrupted flag = new Interrupted();
    governor.enforcement().onAttention(flag);
    governor.release("a", LIMIT - 10);
    assertThat(flag.seenByOther).isTrue();
    assertThat(flag.on).isTrue();
  }

  /** Raised once, a flag may cost all code the polls are in: see PollFlag. */
  @Test
  void newFlagStaysDownWhereNothingIsNearABound() {
    AtomicInteger raised = new AtomicInteger();
    governor
        .enforcement()
        .onAttention(
            new Attention.Flag() {
              @Override
              public void set(boolean on) {
                raised.addAndGet(on ? 1 : 0);
              }

              @Override
              public boolean isSet() {
                return false;
              }
            });
    assertThat(raised).hasValue(0);
  }

  @Test
  void newFlagTellsWhatIsSo() {
    governor.charge("a", LIMIT - 10);
    Interrupted flag = new Interrupted();
    governor.enforcement().onAttention(flag);
    assertThat(flag.on).isTrue();
    assertThat(flag.first).isTrue();
  }
}
