package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.GarbageCollectorMXBean;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for a collection, and how long. */
@Timeout(60)
class GcAssistTest {
  private static final long LIMIT = 1000;

  private final Governor governor =
      Budgets.ceiling(10 * LIMIT)
          .engine("query", LIMIT)
          .engine("vector", LIMIT)
          .clock(() -> 0)
          .governor();

  private final Engine query = governor.engine("query");
  private final Engine vector = governor.engine("vector");
  private long allocated;
  private final AtomicInteger collected = new AtomicInteger();

  private final GarbageCollectorMXBean bean =
      (GarbageCollectorMXBean)
          Proxy.newProxyInstance(
              GarbageCollectorMXBean.class.getClassLoader(),
              new Class<?>[] {GarbageCollectorMXBean.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "getCollectionCount" -> (long) collected.get();
                    case "getName" -> "test";
                    default -> throw new AssertionError(method);
                  });

  private final GcAssist assist =
      new GcAssist(
          new HeapLedger() {
            @Override
            public String accounting() {
              return "test";
            }

            @Override
            public long released(int engine) {
              return knows ? released : 0;
            }

            @Override
            public void settle(EngineThread current) {}

            @Override
            public void tick() {}

            @Override
            public void drain() {}

            @Override
            public void collected() {}

            @Override
            public void update(CallBudget budget, LongSupplier allocated) {}
          },
          new Collections(List.of(bean)),
          this::collect,
          new AssistPace(
              TimeUnit.HOURS.toNanos(1), AssistPace.SAMPLED, governor.engines().size(), System.nanoTime()),
          governor.engines(),
          (engine, nanos, before, after, accounting) -> {},
          () -> {
            throw new AssertionError("disabled");
          });

  private boolean knows = true;
  private volatile long released;

  /** What the next collection frees. */
  private long dead;

  /** And what is allocated while it runs. */
  private long meanwhile;

  private void collect() {
    collected.incrementAndGet();
    free(dead);
    allocated += meanwhile;
    query.charge(LedgerKind.HEAP, meanwhile);
  }

  private void free(long bytes) {
    query.release(LedgerKind.HEAP, bytes);
    released += bytes;
  }

  private volatile Bound bound = Bound.ENGINE;
  private volatile long missing = 100;
  private volatile boolean ruledOut;

  private boolean relieve() {
    ruledOut = assist.relieve(query, missing, bound);
    return ruledOut;
  }

  /** The next collection's turn is in an hour. */
  private Thread waiting() throws InterruptedException {
    query.charge(LedgerKind.HEAP, LIMIT);
    assertThat(relieve()).isTrue();
    Thread waiter = new Thread(this::relieve);
    waiter.start();
    while (waiter.getState() != Thread.State.TIMED_WAITING) {
      assertThat(waiter.isAlive()).isTrue();
      Thread.onSpinWait();
    }
    return waiter;
  }

  @Test
  void boundThatOthersFillAgainIsWorthAnotherCollection() {
    query.allocatedFrom(() -> allocated);
    query.charge(LedgerKind.HEAP, LIMIT);
    dead = LIMIT / 2;
    meanwhile = LIMIT / 2;
    relieve();
    assertThat(query.used(LedgerKind.HEAP)).isEqualTo(LIMIT);
    assertThat(assist.mayHelpAgain(query, Bound.HEAP_CEILING, true)).isTrue();
    assertThat(assist.mayHelpAgain(query, Bound.ENGINE, true)).isFalse();
  }

  /**
   * Nobody may be refused for garbage that another thread made right after a collection; nor because
   * the JVM's counters do not show yet that it did.
   */
  @Test
  void engineThatIsFilledAgainWhileACollectionRunsMayAskForAnother() {
    query.charge(LedgerKind.HEAP, LIMIT);
    dead = LIMIT / 4;
    meanwhile = dead;
    assertThat(relieve()).isFalse();
    assertThat(assist.mayHelpAgain(query, Bound.ENGINE, false)).isTrue();
  }

  /** An engine that keeps all it makes would be let on for as long as the guess is too low. */
  @Test
  void guessOfWhatIsDeadIsNoReasonToAskAgain() {
    knows = false;
    query.charge(LedgerKind.HEAP, LIMIT);
    dead = LIMIT / 4;
    meanwhile = dead;
    assertThat(relieve()).isTrue();
  }

  /** It would crawl from one collection to the next. */
  @Test
  void engineThatIsNearlyFullOfWhatItKeepsIsRefusedThoughItIsFilledAgain() {
    query.charge(LedgerKind.HEAP, LIMIT);
    dead = LIMIT / 4 - 1;
    meanwhile = dead;
    assertThat(relieve()).isTrue();
  }

  /** Though another collection has ended since, which found next to nothing. */
  @Test
  void whatAnyCollectionFoundSinceAThreadCameMayHaveBeenItsRoom() throws InterruptedException {
    Thread waiter = waiting();
    dead = LIMIT / 4;
    meanwhile = dead;
    Thread.currentThread().interrupt(); // So as not to wait for the next one's turn.
    assistNobody();
    dead = 0;
    meanwhile = 0;
    assistNobody();
    assertThat(Thread.interrupted()).isTrue();
    waiter.join();
    assertThat(ruledOut).isFalse();
  }

  /** Found by whichever thread looked after it first. */
  @Test
  void whatTheJvmCollectedOfItselfMayHaveBeenItsRoomToo() throws InterruptedException {
    Thread waiter = waiting();
    query.charge(LedgerKind.HEAP, LIMIT / 4);
    free(LIMIT / 4);
    Thread.currentThread().interrupt(); // So as not to wait for the next one's turn.
    assistNobody();
    assertThat(Thread.interrupted()).isTrue();
    waiter.join();
    assertThat(ruledOut).isFalse();
  }

  /** A collection for the same engine, on a thread whose answer does not matter. */
  private void assistNobody() {
    assist.relieve(query, 100, Bound.ENGINE);
  }

  @Test
  void collectionThatFindsLessDeadThanIsMissingIsTheLast() {
    query.charge(LedgerKind.HEAP, LIMIT);
    missing = LIMIT / 2;
    dead = missing - 1;
    meanwhile = LIMIT;
    assertThat(relieve()).isTrue();
    Thread.currentThread().interrupt(); // So as not to wait for the next one's turn.
    assertThat(relieve()).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void collectionThatFindsAllAliveIsNotRepeated() {
    query.allocatedFrom(() -> allocated);
    query.charge(LedgerKind.HEAP, LIMIT);
    meanwhile = LIMIT / 2;
    relieve();
    assertThat(assist.mayHelpAgain(query, Bound.HEAP_CEILING, true)).isFalse();
  }

  @Test
  void threadThatWaitsGoesOnWhenThereIsRoom() throws InterruptedException {
    Thread waiter = waiting();
    query.release(LedgerKind.HEAP, 100);
    waiter.join();
    assertThat(collected.get()).isEqualTo(1);
  }

  /** Its own garbage makes no room where all together are too much. */
  @Test
  void roomOfOneEngineIsNoneWhereAllMeetABound() throws InterruptedException {
    bound = Bound.HEAP_CEILING;
    Thread waiter = waiting();
    vector.charge(LedgerKind.HEAP, 100);
    query.release(LedgerKind.HEAP, 100);
    waiter.join(250);
    assertThat(waiter.isAlive()).isTrue();
    vector.release(LedgerKind.HEAP, 100);
    waiter.join();
    assertThat(collected.get()).isEqualTo(1);
  }

  /** Nobody may be refused for garbage because others were quicker. */
  @Test
  void roomThatOthersTookIsToBeMadeAgain() throws InterruptedException {
    Thread waiter = waiting();
    query.release(LedgerKind.HEAP, 100);
    waiter.join();
    assertThat(ruledOut).isFalse();
    assertThat(assist.mayHelpAgain(query, Bound.ENGINE, false)).isTrue();
    assertThat(assist.mayHelpAgain(query, Bound.ENGINE, true)).isFalse();
  }

  @Test
  void whoWaitsToBeGivenRoomDoesNotWaitForACollection() {
    query.charge(LedgerKind.HEAP, LIMIT);
    relieve();
    assertThat(assist.relieveWaiting(query, 100, Bound.ENGINE)).isFalse();
    assertThat(collected.get()).isEqualTo(1);
  }

  @Test
  void threadThatIsInterruptedWaitsNoLonger() throws InterruptedException {
    Thread waiter = waiting();
    waiter.interrupt();
    waiter.join();
    assertThat(collected.get()).isEqualTo(2);
  }

  @Test
  void collectionThatBeganAfterAThreadCameIsItsToo() throws InterruptedException {
    Thread waiter = waiting();
    Thread.currentThread().interrupt();
    assertThat(relieve()).isTrue();
    assertThat(Thread.interrupted()).isTrue();
    waiter.join();
    assertThat(collected.get()).isEqualTo(2);
  }
}
