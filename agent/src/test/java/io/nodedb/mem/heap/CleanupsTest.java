package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.TestScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a class cleans up nothing is refused, unless that takes more than the grace. */
class CleanupsTest {
  private static final long GRACE = 1 << 20;

  private final Scopes given = new Scopes();
  private final Engine query = given.governor.engine("query");
  private final EngineThread thread = new EngineThread(Thread.currentThread(), given.scopes);

  @BeforeEach
  void fillTheEngine() {
    thread.enter(query.id());
    query.charge(LedgerKind.HEAP, Scopes.LIMIT);
    int[] lines = {lineOf(() -> cleanUp(null))};
    given.scopes.cleanups().add(getClass().getClassLoader(), getClass().getName(), lines);
  }

  private static int lineOf(Runnable call) {
    try {
      call.run();
    } catch (NullPointerException e) {
      return e.getStackTrace()[0].getLineNumber();
    }
    throw new AssertionError("should have failed");
  }

  private static void cleanUp(Runnable work) {
    work.run();
  }

  private void poll() {
    TestScope.hook(thread::poll);
  }

  @Test
  void refusedAfterItAndNotInIt() {
    assertThatCode(() -> cleanUp(this::poll)).doesNotThrowAnyException();
    given.counters.allocated += GRACE;
    assertThatCode(() -> cleanUp(this::poll)).doesNotThrowAnyException();
    given.counters.allocated += 1;
    assertThatThrownBy(() -> cleanUp(this::poll)).isInstanceOf(BudgetExceededException.class);
  }

  @Test
  void nextScopeIsRefusedAtOnce() {
    cleanUp(this::poll);
    thread.leave(Hooks.NONE);
    thread.enter(query.id());
    assertThatThrownBy(this::poll).isInstanceOf(BudgetExceededException.class);
  }

  @Test
  void smallArraysPassAndLargeOnesDoNot() {
    cleanUp(() -> TestScope.hook(() -> thread.gate(100_000)));
    assertThat(query.used(LedgerKind.HEAP)).isEqualTo(Scopes.LIMIT + 100_000);
    assertThatThrownBy(() -> cleanUp(() -> TestScope.hook(() -> thread.gate(2 * GRACE))))
        .isInstanceOf(BudgetExceededException.class);
  }

  /** No counter shows what they allocate: many small arrays are as much as a large one. */
  @Test
  void virtualThreadHasOneGraceForAllItsArrays() {
    EngineThread virtual = new EngineThread(Thread.ofVirtual().unstarted(() -> {}), given.scopes);
    virtual.enter(query.id());
    Runnable half = () -> TestScope.hook(() -> virtual.gate(GRACE / 2));
    cleanUp(half);
    cleanUp(half);
    assertThatThrownBy(() -> cleanUp(half)).isInstanceOf(BudgetExceededException.class);
    assertThat(query.used(LedgerKind.HEAP)).isLessThanOrEqualTo(Scopes.LIMIT + GRACE);
  }

  @Test
  void otherLinesAndClassesOfOtherLoadersAreNoCleanup() {
    assertThatThrownBy(this::poll).isInstanceOf(BudgetExceededException.class);
    Cleanups cleanups = given.scopes.cleanups();
    assertThat(cleanups.at(null, getClass().getName(), lineOf(() -> cleanUp(null)))).isFalse();
  }
}
