package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Attention;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.TestScope;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What is believed to be live where no sampler says so. */
class EstimatedHeapTest {
  private static final int LIMIT = 64 << 20;

  private final Governor governor =
      Budgets.ceiling(10L * LIMIT)
          .engine("query", LIMIT)
          .engine("vector", LIMIT)
          .clock(() -> 0)
          .governor();

  private final Engine query = governor.engine("query");
  private final Engine vector = governor.engine("vector");
  private final OneThread counters = new OneThread();
  private final AllocationTotals totals = new AllocationTotals(counters, 2);
  private final EstimatedHeap heap =
      new EstimatedHeap(
          governor.engines(), totals, new Collections(List.of()), governor.enforcement());
  private final EngineThread thread =
      new EngineThread(
          Thread.currentThread(), new HeapScopes(governor, counters, heap, 1 << 20));

  private void allocate(Engine engine, long bytes) {
    thread.enter(engine.id());
    counters.allocated += bytes;
    thread.leave(Hooks.NONE);
    totals.gather(thread);
  }

  private void collect(long before, long left, long inUse) {
    heap.collection(before, left, inUse, counters.all());
  }

  private long used(Engine engine) {
    return engine.used(LedgerKind.HEAP);
  }

  @Test
  void whatACollectionFreedWasAllocatedLast() {
    allocate(query, 1000);
    collect(1000, 1000, 1000);
    allocate(query, 600);
    allocate(vector, 200);
    collect(1800, 1400, 1400);
    assertThat(used(query) + used(vector)).isEqualTo(1400);
    assertThat(used(query)).as("it kept all before").isBetween(1250L, 1350L);
  }

  @Test
  void whatWasAllocatedAfterItEndedIsStillThere() {
    allocate(query, 1000);
    allocate(vector, 1000);
    // All that it saw was dead; a quarter was allocated before anybody looked.
    collect(1500, 0, 500);
    assertThat(used(query) + used(vector)).isEqualTo(500);
    collect(500, 500, 500);
    assertThat(used(query) + used(vector)).isEqualTo(500);
    collect(500, 0, 0);
    assertThat(used(query) + used(vector)).isZero();
  }

  /** Of several collections between two looks only the last is told of. */
  @Test
  void garbageThatOtherCollectionsFreedIsNotLive() {
    allocate(query, 3000);
    collect(1000, 100, 100);
    assertThat(used(query)).isEqualTo(100);
    allocate(query, 3000);
    collect(1050, 50, 50);
    assertThat(used(query)).isEqualTo(50);
  }

  /** Where threads had room left in their TLABs, nobody had allocated anything. */
  @Test
  void unusedEndsOfTlabsAreNobodysGarbage() {
    allocate(query, 1000);
    counters.others += 1000;
    collect(2500, 2000, 2400);
    assertThat(used(query)).isEqualTo(1000);
  }

  @Property(tries = 500)
  void noMoreIsBelievedLiveThanIsThere(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 1 << 20) Integer> steps) {
    EstimatedHeapTest fresh = new EstimatedHeapTest();
    fresh.run(steps);
  }

  /** A heap of which nobody knows which part is whose: three make objects, collections come. */
  private void run(List<Integer> steps) {
    long there = 0;
    long atStart = 0;
    long left = 0;
    for (int step : steps) {
      int bytes = step >> 2;
      switch (step & 3) {
        case 0 -> allocate(query, bytes);
        case 1 -> allocate(vector, bytes);
        case 2 -> {
          counters.others += bytes;
        }
        default -> {
          atStart = there;
          left = atStart == 0 ? 0 : bytes % (atStart + 1);
          there = left;
          if ((bytes & 4) == 0) {
            collect(atStart, left, there);
            assertThat(used(query) + used(vector)).isLessThanOrEqualTo(there + 2);
          }
          continue;
        }
      }
      there += bytes;
    }
    collect(there, 0, 0);
    assertThat(used(query)).isZero();
    assertThat(used(vector)).isZero();
  }

  @Test
  void codeLooksAsEarlyAsTheEngineMayBeFullBeforeTheNextTick() {
    Attention.Flag attention = new PollFlag();
    governor.enforcement().onAttention(attention);
    allocate(query, LIMIT / 4);
    heap.foresee();
    allocate(query, LIMIT / 4);
    heap.foresee();
    assertThat(attention.isSet()).isTrue();
    // Slow again: after a while nobody has to look, half of the limit is free.
    for (int i = 0; i < 2000; i++) {
      heap.foresee();
    }
    assertThat(attention.isSet()).isFalse();
  }

  @Test
  void threadThatLooksIsChargedFirst() {
    allocate(query, LIMIT / 2);
    thread.enter(query.id());
    counters.allocated += LIMIT / 4;
    TestScope.hook(thread::poll);
    assertThat(used(query)).isEqualTo(LIMIT / 2 + LIMIT / 4);
    counters.allocated += LIMIT / 4;
    assertThatThrownBy(() -> TestScope.hook(thread::poll))
        .isInstanceOf(BudgetExceededException.class);
    thread.leave(Hooks.NONE);
  }

  /** Else calls that make garbage would seem to hold what a call beside them holds. */
  @Test
  void callKeepsWhatItHeldBeforeWhileOthersMakeGarbage() {
    Site site = new Site(query.id(), BreachMode.INHERIT, Long.MAX_VALUE - 1);
    CallBudget hog = new CallBudget(site, 0, null);
    CallBudget modest = new CallBudget(site, 0, null);
    heap.update(hog, () -> 0);
    heap.update(modest, () -> 0);
    allocate(query, 1000);
    heap.update(hog, () -> 1000);
    collect(1000, 1000, 1000);
    heap.update(modest, () -> 0);
    long garbage = 0;
    for (int i = 0; i < 20; i++) {
      heap.update(hog, () -> 1000);
      allocate(query, 500);
      garbage += 500;
      long made = garbage;
      heap.update(modest, () -> made);
      collect(1500, 1000, 1000);
    }
    heap.update(hog, () -> 1000);
    long made = garbage;
    heap.update(modest, () -> made);
    assertThat(hog.held.get()).isEqualTo(1000);
    assertThat(modest.held.get()).isZero();
  }

  @Test
  void arrayIsChargedOnceWhenItsThreadLooks() {
    thread.enter(query.id());
    thread.gate(LIMIT / 2);
    counters.allocated += LIMIT / 2;
    TestScope.hook(thread::poll);
    assertThat(used(query)).isEqualTo(LIMIT / 2);
    thread.leave(Hooks.NONE);
  }
}
