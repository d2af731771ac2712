package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.TestScope;
import io.nodedb.mem.hook.ThreadScope;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Samples handed in by the test, not by the JVM. */
class SampleLedgerTest {
  private final CountingAccount query = new CountingAccount("query");
  private final CountingAccount vector = new CountingAccount("vector");
  private final SampleLedger ledger = new SampleLedger(List.of(query, vector), 1000);
  private final ThreadScope inQuery = TestScope.of(0);
  private final ThreadScope inVector = TestScope.of(1);

  @Test
  void sampleIsChargedToItsEngineUntilItsObjectIsCollected() {
    Object kept = new Object();
    ledger.sampled(inQuery, kept, 100, 0, false);
    ledger.sampled(inVector, new Object(), 50, 0, false);
    assertThat(query.used).hasValue(100);
    assertThat(vector.used).hasValue(50);

    System.gc();
    ledger.sweep();
    assertThat(query.used).hasValue(100);
    assertThat(vector.used).hasValue(0);
    assertThat(ledger.read(0)).isEqualTo(new SampledHeap(100, 100, 1, 0));
    assertThat(ledger.read(1)).isEqualTo(new SampledHeap(0, 50, 1, 0));
    assertThat(ledger.tracked()).isEqualTo(1);
    Reference.reachabilityFence(kept);
  }

  @Test
  void sweepDoesNotWaitForTheQueueAndTheQueueDoesNotReleaseAgain() {
    for (int i = 0; i < 100; i++) {
      ledger.sampled(inQuery, new Object(), 10, 0, false);
      if (i % 10 == 0) {
        System.gc();
        ledger.sweep();
        assertThat(query.used).hasValue(0);
      }
    }
    System.gc();
    ledger.sweep();
    ledger.drain();
    assertThat(query.used).hasValue(0);
    assertThat(query.overReleased).hasValue(0);
  }

  @Test
  void drainerGivesBackByItself() throws InterruptedException {
    CountDownLatch released = new CountDownLatch(1);
    CountingAccount account =
        new CountingAccount("wal") {
          @Override
          public void release(LedgerKind kind, long bytes) {
            super.release(kind, bytes);
            released.countDown();
          }
        };
    try (SampleLedger own = new SampleLedger(List.of(account), 1000)) {
      own.start();
      own.sampled(inQuery, new Object(), 10, 0, false);
      System.gc();
      released.await();
      assertThat(account.used).hasValue(0);
    }
  }

  @Test
  void drainThatFailsDoesNotEndTheThreadThatDrains() throws InterruptedException {
    CountDownLatch releasedAfterFailure = new CountDownLatch(2);
    CountingAccount failing =
        new CountingAccount("wal") {
          @Override
          public void release(LedgerKind kind, long bytes) {
            releasedAfterFailure.countDown();
            if (releasedAfterFailure.getCount() > 0) {
              throw new OutOfMemoryError("Java heap space");
            }
            super.release(kind, bytes);
          }
        };
    try (SampleLedger own = new SampleLedger(List.of(failing), 1000)) {
      own.start();
      own.sampled(inQuery, new Object(), 10, 0, false);
      System.gc();
      // What failed is tried again with whatever is drained next: at least every 50 ms.
      assertThat(releasedAfterFailure.await(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  void sampleOnALowStackIsChargedByWhoeverDrains() {
    Object kept = new Object();
    List<String> told = new ArrayList<>();
    ledger.listener((engine, type, weight) -> told.add(engine));
    ledger.sampled(inQuery, kept, 100, 0, true);
    assertThat(query.used).hasValue(0);
    assertThat(told).isEmpty();
    ledger.drain();
    assertThat(query.used).hasValue(100);
    Reference.reachabilityFence(kept);
  }

  @Test
  void chargeThatFailsLeavesNothingBehind() {
    CountingAccount failing =
        new CountingAccount("wal") {
          @Override
          public void charge(LedgerKind kind, long bytes) {
            super.charge(kind, bytes);
            throw new StackOverflowError();
          }
        };
    SampleLedger own = new SampleLedger(List.of(failing), 1000);
    assertThatThrownBy(() -> own.sampled(inQuery, new Object(), 100, 0, false))
        .isInstanceOf(StackOverflowError.class);
    System.gc();
    own.sweep();
    assertThat(failing.used).hasValue(0);
    assertThat(own.read(0).live()).isZero();
  }

  @Test
  void tooManySamplesAreDroppedAndCounted() {
    List<Object> kept = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      kept.add(new Object());
      ledger.sampled(inQuery, kept.get(i), 10, 0, false);
      ledger.drain();
    }
    assertThat(ledger.read(0)).isEqualTo(new SampledHeap(10_010, 10_010, 1001, 999));
    assertThat(query.used).hasValue(10_010);

    kept.clear();
    System.gc();
    ledger.sweep();
    ledger.sampled(inQuery, inQuery, 10, 0, false);
    assertThat(query.used).hasValue(10);
  }

  @Test
  void withoutMemoryForTheTableSamplesWaitAndNoneIsLost() {
    AtomicBoolean exhausted = new AtomicBoolean();
    SampleTable table =
        new SampleTable(
            n -> {
              if (exhausted.get()) {
                throw new OutOfMemoryError("no heap for a chunk");
              }
              return new SampleRef[n];
            });
    SampleLedger own = new SampleLedger(List.of(query), 1 << 20, new ReferenceQueue<>(), table);
    List<Object> kept = new ArrayList<>();
    exhausted.set(true);
    for (int i = 0; i < 3000; i++) {
      kept.add(new Object());
      own.sampled(inQuery, kept.getLast(), 1, 0, i % 2 == 0);
    }
    own.drain();
    long there = own.tracked();
    assertThat(there).isBetween(1L, 2999L);
    exhausted.set(false);
    own.drain();
    assertThat(own.tracked()).isEqualTo(3000);
    assertThat(query.used).hasValue(3000);

    exhausted.set(true);
    for (int i = 0; i < 3000; i++) {
      own.sampled(inQuery, new Object(), 1, 0, false);
    }
    System.gc();
    own.sweep();
    exhausted.set(false);
    own.drain();
    own.sweep();
    assertThat(query.used).hasValue(3000);
    assertThat(own.tracked()).isEqualTo(3000);
    Reference.reachabilityFence(kept);
  }

  @Test
  void listenerHearsEngineClassAndWeight() {
    List<String> told = new ArrayList<>();
    ledger.listener((engine, type, weight) -> told.add(engine + type.getSimpleName() + weight));
    ledger.sampled(inVector, new int[2], 24, 0, false);
    assertThat(told).containsExactly("vectorint[]24");
  }

  @Test
  void failingListenerDoesNotUndoTheCharge() {
    ledger.listener(
        (engine, type, weight) -> {
          throw new IllegalStateException();
        });
    Object kept = new Object();
    assertThatThrownBy(() -> ledger.sampled(inQuery, kept, 10, 0, false))
        .isInstanceOf(IllegalStateException.class);
    assertThat(query.used).hasValue(10);
    Reference.reachabilityFence(kept);
  }

  @Test
  void whatTheLedgerHasTooMuchOrTooLittleIsSeen() {
    Object kept = new Object();
    ledger.sampled(inQuery, kept, 100, 0, false);
    ledger.sampled(inVector, kept, 10, 0, true);
    assertThat(ledger.weigh()[0].drift()).isZero();
    assertThat(ledger.weigh()[1].drift()).isZero();
    query.charge(LedgerKind.HEAP, 7);
    vector.release(LedgerKind.HEAP, 4);
    assertThat(ledger.weigh()[0].drift()).isEqualTo(7);
    assertThat(ledger.weigh()[1].drift()).isEqualTo(-4);
    Reference.reachabilityFence(kept);
  }

  @Test
  void warmUpLeavesNothingCharged() {
    ledger.warmUp();
    assertThat(query.used).hasValue(0);
    assertThat(ledger.read(0)).isEqualTo(new SampledHeap(0, 0, 0, 0));
  }

  @Test
  void scopeOfAnUnknownEngineIsIgnored() {
    ledger.sampled(TestScope.of(7), new Object(), 10, 0, false);
    assertThat(ledger.tracked()).isZero();
  }

  @Test
  void concurrentSamplesAndDrainsEndAtZero() throws InterruptedException {
    SampleLedger own = new SampleLedger(List.of(query, vector), 1 << 20);
    own.start();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      ThreadScope scope = t % 2 == 0 ? inQuery : inVector;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 50_000; i++) {
                      own.sampled(scope, new Object(), 1 + i % 100, 0, i % 3 == 0);
                      if (i % 10_000 == 0) {
                        System.gc();
                        own.sweep();
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.gc();
    own.sweep();
    own.close();
    assertThat(query.used).hasValue(0);
    assertThat(vector.used).hasValue(0);
    assertThat(query.overReleased.get() + vector.overReleased.get()).isZero();
    assertThat(own.read(0).samples()).isEqualTo(100_000);
    assertThat(own.tracked()).isZero();
  }
}
