package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.Hooks;
import org.junit.jupiter.api.Test;

/** An array that was admitted before it was allocated, and its sample. Samples are the test's own. */
class ArrayAtGateTest {
  private static final int HEADER = 16;

  private final Scopes given = new Scopes();
  private final Engine query = given.governor.engine("query");
  private final Engine vector = given.governor.engine("vector");
  private final SampleLedger ledger = given.ledger;
  private final EngineThread thread = new EngineThread(Thread.currentThread(), given.scopes);
  private final Object array = new Object();

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

  @Test
  void whatWasAdmittedDoesForTheNextOfAboutTheSize() {
    thread.enter(query.id());
    thread.gate(500_000);
    thread.gate(440_000);
    assertThat(query.usedNow()).isEqualTo(500_000);
    thread.gate(500_000);
    assertThat(query.usedNow()).isEqualTo(500_000);
    thread.gate(500_001);
    assertThat(query.usedNow()).isEqualTo(500_001);
    thread.leave(Hooks.NONE);
    assertThat(query.usedNow()).isZero();
  }

  @Test
  void aMuchSmallerArrayKeepsNotMuchMoreThanItsOwn() {
    thread.enter(query.id());
    thread.gate(500_000);
    thread.gate(100_000);
    assertThat(query.usedNow()).isEqualTo(100_000);
    thread.leave(Hooks.NONE);
    assertThat(query.usedNow()).isZero();
  }

  @Test
  void whatHasGoneOverToASampleCoversNothing() {
    thread.enter(query.id());
    thread.gate(300_000);
    sample(300_000);
    thread.gate(300_000);
    assertThat(query.usedNow()).isEqualTo(600_000);
    sample(300_000);
    thread.gate(300_000);
    assertThatThrownBy(
            () -> {
              sample(300_000);
              thread.gate(300_000);
            })
        .isInstanceOf(BudgetExceededException.class);
    thread.leave(Hooks.NONE);
    assertThat(query.usedNow()).isEqualTo(900_000);
  }

  @Test
  void nothingIsCoveredPastTheLimit() {
    thread.enter(query.id());
    thread.gate(500_000);
    query.charge(LedgerKind.HEAP, 600_000); // By another thread, say.
    assertThatThrownBy(() -> thread.gate(500_000)).isInstanceOf(BudgetExceededException.class);
    assertThat(query.usedNow()).isEqualTo(600_000);
    thread.leave(Hooks.NONE);
  }

  @Test
  void anotherEnginesArrayIsNotCovered() {
    thread.enter(query.id());
    thread.gate(500_000);
    thread.enter(vector.id());
    thread.gate(500_000);
    assertThat(vector.usedNow()).isEqualTo(500_000);
    assertThat(query.usedNow()).isZero();
    thread.leave(Hooks.NONE);
    assertThat(vector.usedNow()).isZero();
  }
}
