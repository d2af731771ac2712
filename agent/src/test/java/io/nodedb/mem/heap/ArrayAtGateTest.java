package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.EngineSpec;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorSpec;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.governor.PressureThresholds;
import io.nodedb.mem.governor.RebalanceSpec;
import io.nodedb.mem.hook.Hooks;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** An array that was admitted before it was allocated, and its sample. Samples are the test's own. */
class ArrayAtGateTest {
  private static final long LIMIT = 1_000_000;
  private static final int HEADER = 16;

  private final Governor governor =
      new Governor(
          new GovernorSpec(
              10 * LIMIT,
              10 * LIMIT,
              List.of(
                  new EngineSpec("query", LIMIT, 0, BreachMode.REJECT, 0),
                  new EngineSpec("vector", LIMIT, 0, BreachMode.REJECT, 0)),
              new PressureThresholds(0.7, 0.85, 0.95, 0.03),
              RebalanceSpec.OFF),
          () -> 0,
          line -> {
            throw new AssertionError(line);
          });

  private final Engine query = governor.engine("query");
  private final Engine vector = governor.engine("vector");
  private final SampleLedger ledger = new SampleLedger(governor.engines(), 1000);
  private final EngineThread thread = thread(ledger);
  private final Object array = new Object();

  private EngineThread thread(SampleLedger samples) {
    HeapLedger charged =
        new HeapLedger() {
          @Override
          public String accounting() {
            return "sampled";
          }

          @Override
          public void settle(EngineThread current) {}

          @Override
          public void tick() {}

          @Override
          public void drain() {
            samples.drain();
          }

          @Override
          public void collected() {}

          @Override
          public void update(CallBudget budget, LongSupplier allocated) {}
        };
    ThreadCounters none =
        new ThreadCounters() {
          @Override
          public long current() {
            return 0;
          }

          @Override
          public long[] of(long[] threadIds) {
            return new long[threadIds.length];
          }
        };
    return new EngineThread(
        Thread.currentThread(), new HeapScopes(governor, none, charged, 1 << 20));
  }

  private void sample(long size) {
    ledger.sampled(thread, array, size, 4096, false);
  }

  @Test
  void isNotCountedTwiceOnceItIsSampled() {
    thread.enter(query.id());
    thread.gate(600_000);
    assertThat(query.usedNow()).isEqualTo(600_000);
    sample(600_000 + HEADER);
    assertThat(query.usedNow()).isEqualTo(600_000 + HEADER);
    assertThat(query.snapshot().overrun()).isZero();
    thread.leave(Hooks.NONE);
    assertThat(query.used(LedgerKind.HEAP)).isEqualTo(600_000 + HEADER);
  }

  @Test
  void takesNoMoreOfAnotherSampleThanItWasAdmittedWith() {
    thread.enter(query.id());
    thread.gate(600_000);
    sample(400_000);
    assertThat(query.usedNow()).isEqualTo(600_000);
    sample(400_000);
    assertThat(query.usedNow()).isEqualTo(800_000);
    sample(100_000);
    assertThat(query.usedNow()).isEqualTo(900_000);
    thread.leave(Hooks.NONE);
    assertThat(query.usedNow()).isEqualTo(900_000);
  }

  @Test
  void whatWasNotSampledIsGivenBackAtTheNextGate() {
    thread.enter(query.id());
    thread.gate(600_000);
    sample(100_000);
    thread.gate(900_000);
    assertThat(query.usedNow()).isEqualTo(1_000_000);
    assertThatThrownBy(() -> thread.gate(900_001)).isInstanceOf(BudgetExceededException.class);
    thread.leave(Hooks.NONE);
    assertThat(query.usedNow()).isEqualTo(100_000);
    assertThat(query.snapshot().overReleases()).isZero();
  }

  @Test
  void coversNoSampleOfAnotherEngine() {
    thread.enter(query.id());
    thread.gate(600_000);
    thread.enter(vector.id());
    sample(500_000);
    assertThat(vector.usedNow()).isEqualTo(500_000);
    assertThat(query.usedNow()).isEqualTo(600_000);
    thread.leave(Hooks.NONE);
    assertThat(query.usedNow()).isZero();
    assertThat(vector.usedNow()).isEqualTo(500_000);
  }

  @Test
  void sampleLeftToTheDrainerIsChargedInFull() {
    thread.enter(query.id());
    thread.gate(300_000);
    ledger.sampled(thread, array, 300_000, 4096, true);
    assertThat(query.usedNow()).isEqualTo(300_000);
    ledger.drain();
    assertThat(query.usedNow()).isEqualTo(600_000);
    thread.leave(Hooks.NONE);
    assertThat(query.usedNow()).isEqualTo(300_000);
  }
}
