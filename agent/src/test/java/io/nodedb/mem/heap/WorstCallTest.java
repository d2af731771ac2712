package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.CallCancelledException;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.ThreadScope;
import io.nodedb.mem.hook.ThreadTable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of one thread in an engine that stays in EMERGENCY, and a clock that the test moves. */
class WorstCallTest {
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int QUERY = 0;

  private final Scopes given = new Scopes();
  private final AtomicLong clock = new AtomicLong(1_000_000_000L);
  private final WorstCall worst = new WorstCall(given.scopes, PATIENCE, clock::get);

  /** Keeps samples from being given back. */
  private final Object kept = new Object();

  private int token;

  @BeforeEach
  void install() {
    // Other tests' threads leave scopes of their own kind behind, which the next sweep still shows.
    ThreadTable.sweep(left -> {});
    given.scopes.followCalls();
    given.governor.enforcement().onAttention(new PollFlag());
    Hooks.install(given.scopes, Long.MAX_VALUE);
  }

  @AfterEach
  void uninstall() {
    Hooks.exit(token);
    Hooks.install(null, Long.MAX_VALUE);
    Hooks.attention(false);
    if (ThreadTable.current() instanceof ThreadScope scope) {
      ThreadTable.retire(scope);
    }
  }

  private CallBudget call(long holds) {
    token = Hooks.enter(QUERY);
    EngineThread thread = (EngineThread) ThreadTable.current();
    given.ledger.sampled(thread, kept, holds, 1, false);
    return thread.budget();
  }

  private void tickAfter(long nanos) {
    clock.addAndGet(nanos);
    worst.tick();
  }

  @Test
  void callIsEndedOnceAtItsNextPollAfterTheEnginesPatience() {
    CallBudget call = call(970_000);
    tickAfter(0);
    tickAfter(PATIENCE - 1);
    assertThat(call.askedToEnd()).isFalse();
    tickAfter(1);
    assertThat(call.askedToEnd()).isTrue();
    assertThatThrownBy(Hooks::poll).isInstanceOf(CallCancelledException.class);
    assertThat(call.askedToEnd()).isFalse();
  }

  @Test
  void callThatMakesLargeArraysOnlyIsEndedAtTheGate() {
    CallBudget call = call(970_000);
    tickAfter(0);
    tickAfter(PATIENCE);
    assertThatThrownBy(() -> ((EngineThread) ThreadTable.current()).gate(4096))
        .isInstanceOf(CallCancelledException.class);
    assertThat(call.askedToEnd()).isFalse();
  }

  @Test
  void callerThatTriesAgainIsEndedAgainTenSecondsLaterAtTheEarliest() {
    call(970_000);
    tickAfter(0);
    tickAfter(PATIENCE);
    assertThatThrownBy(Hooks::poll).isInstanceOf(CallCancelledException.class);
    Hooks.exit(token);
    for (int retry = 0; retry < 3; retry++) {
      CallBudget again = call(100_000);
      tickAfter(0);
      tickAfter(TimeUnit.SECONDS.toNanos(10) - 1);
      assertThat(again.askedToEnd()).as("retry " + retry).isFalse();
      tickAfter(1);
      assertThat(again.askedToEnd()).as("retry " + retry).isTrue();
      assertThatThrownBy(Hooks::poll).isInstanceOf(CallCancelledException.class);
      Hooks.exit(token);
    }
  }

  @Test
  void callThatHoldsLittleIsLeftAlone() {
    given.governor.engine("query").charge(LedgerKind.HEAP, 970_000);
    CallBudget call = call(20_000);
    tickAfter(0);
    tickAfter(100 * PATIENCE);
    assertThat(call.askedToEnd()).isFalse();
  }
}
