package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.governor.ReliefStep;
import io.nodedb.mem.hook.Hooks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the breach order allocates on an engine's thread is not the engine's. */
class OwnWorkTest {
  private static final long OWN = 50_000;

  private final Scopes given = new Scopes();
  private final Engine query = given.governor.engine("query");
  private final Engine vector = given.governor.engine("vector");
  private final EngineThread thread = new EngineThread(Thread.currentThread(), given.scopes);
  private final Object object = new Object();
  private final long[] counted = new long[2];
  private Runnable handler = () -> {};

  @BeforeEach
  void addRelief() {
    given.governor.addRelief(
        new ReliefStep() {
          @Override
          public boolean relieve(Engine engine, long missing, Bound bound) {
            allocate(OWN);
            handler.run();
            return true;
          }

          @Override
          public Stage stage() {
            return Stage.SPILL;
          }
        });
  }

  private void allocate(long bytes) {
    given.counters.allocated += bytes;
    given.ledger.sampled(thread, object, bytes, 0, false);
  }

  private void take() {
    thread.take((engine, bytes) -> counted[engine] += bytes);
  }

  @Test
  void neitherCountedNorChargedWherePollsAndGatesRefuse() {
    thread.enter(query.id());
    allocate(Scopes.LIMIT);
    assertThatThrownBy(thread::poll).isInstanceOf(BudgetExceededException.class);
    allocate(70);
    assertThatThrownBy(() -> thread.gate(2 * Scopes.LIMIT))
        .isInstanceOf(BudgetExceededException.class);
    assertThatThrownBy(() -> thread.admit(LedgerKind.NATIVE, 2 * Scopes.LIMIT))
        .isInstanceOf(BudgetExceededException.class);
    allocate(7);
    thread.leave(Hooks.NONE);
    take();
    assertThat(given.counters.allocated).isEqualTo(Scopes.LIMIT + 77 + 3 * OWN);
    assertThat(counted).containsExactly(Scopes.LIMIT + 77, 0);
    assertThat(query.used(LedgerKind.HEAP)).isEqualTo(Scopes.LIMIT + 77);
  }

  @Test
  void gathererThatComesMeanwhileCountsWhatTheEngineDidBefore() {
    handler =
        () -> thread.takeRunning(thread.version(), given.counters.allocated, (e, b) -> counted[e] += b);
    thread.enter(query.id());
    allocate(Scopes.LIMIT);
    assertThatThrownBy(thread::poll).isInstanceOf(BudgetExceededException.class);
    assertThat(counted).containsExactly(Scopes.LIMIT, 0);
  }

  @Test
  void scopeThatAHandlerOpensIsLikeAnyOther() {
    handler =
        () -> {
          thread.enter(vector.id());
          allocate(300);
          thread.leave(query.id());
          allocate(5);
        };
    thread.enter(query.id());
    allocate(Scopes.LIMIT);
    assertThatThrownBy(thread::poll).isInstanceOf(BudgetExceededException.class);
    allocate(1);
    take();
    assertThat(vector.used(LedgerKind.HEAP)).isEqualTo(300);
    assertThat(query.used(LedgerKind.HEAP)).isEqualTo(Scopes.LIMIT + 1);
    thread.leave(Hooks.NONE);
    take();
    assertThat(counted).containsExactly(Scopes.LIMIT + 1, 300);
  }
}
