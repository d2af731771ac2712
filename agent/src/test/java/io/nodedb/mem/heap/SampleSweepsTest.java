package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.hook.TestScope;
import io.nodedb.mem.hook.ThreadScope;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is read right after a collection, before the JVM has told anybody of it. */
class SampleSweepsTest {
  /** The JVM's thread has not come to enqueue anything yet. */
  private static final class Late extends ReferenceQueue<Object> {
    @Override
    public Reference<?> poll() {
      return null;
    }
  }

  private final CountingAccount query = new CountingAccount("query");
  private final SampleLedger ledger = new SampleLedger(List.of(query), 1000, new Late(), new SampleTable());
  private final ThreadScope inQuery = TestScope.of(0);

  @Test
  void deadSamplesAreGivenBackOnceTheirCollectionHasEnded() {
    SampleSweeps sweeps = new SampleSweeps(ledger, new Collections()::count);
    Object kept = new Object();
    for (int round = 0; round < 3; round++) {
      ledger.sampled(inQuery, kept, 100, 0, false);
      ledger.sampled(inQuery, new Object(), 10, 0, false);
      System.gc();
      sweeps.catchUp();
      assertThat(query.used).hasValue(100L * (round + 1));
    }
    Reference.reachabilityFence(kept);
  }

  @Test
  void withoutAnotherCollectionSamplesAreNotLookedAtAgain() {
    AtomicLong count = new AtomicLong(5);
    SampleSweeps sweeps = new SampleSweeps(ledger, count::get);
    sweeps.catchUp();
    ledger.sampled(inQuery, new Object(), 10, 0, false);
    System.gc();
    sweeps.catchUp();
    assertThat(query.used).hasValue(10);
    count.incrementAndGet();
    sweeps.catchUp();
    assertThat(query.used).hasValue(0);
  }

  @Test
  void collectionThatEndsDuringASweepIsFollowedByAnother() {
    AtomicLong count = new AtomicLong();
    SampleSweeps sweeps = new SampleSweeps(ledger, count::getAndIncrement);
    sweeps.catchUp(); // The next reading of the count is another one.
    ledger.sampled(inQuery, new Object(), 10, 0, false);
    System.gc();
    sweeps.catchUp();
    assertThat(query.used).hasValue(0);
  }
}
