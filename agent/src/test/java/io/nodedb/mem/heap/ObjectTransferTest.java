package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.TestScope;
import java.lang.ref.Reference;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Samples handed in by the test; reachability as this JVM tells it. */
class ObjectTransferTest {
  private static final long LIMIT = 10_000;

  private final Governor governor =
      Budgets.ceiling(100_000).engine("query", LIMIT).engine("vector", LIMIT).governor();
  private final Engine query = governor.engine("query");
  private final Engine vector = governor.engine("vector");
  private final SampleLedger ledger = new SampleLedger(governor.engines(), 100_000);
  private final ObjectTransfer transfer = new ObjectTransfer(ledger);

  @BeforeAll
  static void libraryIsThere() {
    SamplerStatus status = SamplerLibrary.load();
    if (status.kind() == SamplerStatus.Kind.NO_LIBRARY) {
      System.err.println("SKIPPED: tests of transfers: " + status.detail());
    }
    assumeTrue(status.kind() != SamplerStatus.Kind.NO_LIBRARY, status.detail());
    assertThat(status.running()).as(status.detail()).isTrue();
  }

  @Test
  void whatTheRootKeepsMovesAndIsGivenBackByItsNewEngine() {
    Map<String, Object> root = new TreeMap<>();
    List<Object> deep = new ArrayList<>();
    root.put("deep", new Object[] {deep});
    Object other = new Object();
    sample(0, root, 100);
    for (int i = 0; i < 20; i++) {
      deep.add(new Object());
      sample(0, deep.get(i), 10);
    }
    sample(0, other, 7);
    Object ofVector = new Object();
    root.put("vectors", ofVector);
    sample(1, ofVector, 50);

    assertThat(transfer.transfer(root, query, vector)).isEqualTo(300);
    assertThat(heap(query)).isEqualTo(7);
    assertThat(heap(vector)).isEqualTo(350);
    assertThat(governor.usedNow()).isEqualTo(357);
    assertThat(ledger.read(0).live()).isEqualTo(7);
    assertThat(ledger.read(1).live()).isEqualTo(350);

    deep.clear();
    System.gc();
    ledger.sweep();
    assertThat(heap(query)).isEqualTo(7);
    assertThat(heap(vector)).isEqualTo(150);
    assertThat(query.snapshot().overReleases()).isZero();
    Reference.reachabilityFence(other);
    Reference.reachabilityFence(root);
  }

  @Test
  void whatOnlyWeakReferencesReachStays() {
    Object weakly = new Object();
    Object softly = new Object();
    Object strongly = new Object();
    sample(0, weakly, 1);
    sample(0, softly, 2);
    sample(0, strongly, 4);
    Object[] root = {
      new Interfaced(weakly), new SoftReference<>(softly), new Extra(new Object(), strongly)
    };

    assertThat(transfer.transfer(root, query, vector)).isEqualTo(4);
    assertThat(heap(query)).isEqualTo(3);
    Reference.reachabilityFence(List.of(weakly, softly, strongly, root));
  }

  @Test
  void anObjectLeadsNeitherToItsClassNorToStatics() {
    Statics.held = new Object();
    sample(0, Statics.held, 10);

    assertThat(transfer.transfer(new Statics(), query, vector)).isZero();
    assertThat(transfer.transfer(Statics.class, query, vector)).isEqualTo(10);
    Statics.held = null;
  }

  @Test
  void refusedTransferChangesNothing() {
    Object[] root = {new Object(), new Object()};
    sample(0, root[0], 3000);
    sample(0, root[1], 3000);
    vector.charge(LedgerKind.HEAP, 5000);

    assertThatThrownBy(() -> transfer.transfer(root, query, vector))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(heap(query)).isEqualTo(6000);
    assertThat(heap(vector)).isEqualTo(5000);
    assertThat(governor.usedNow()).isEqualTo(11_000);
    assertThat(ledger.read(0).live()).isEqualTo(6000);

    assertThat(transfer.transfer(root[0], query, vector)).isEqualTo(3000);
    Reference.reachabilityFence(root);
  }

  @Test
  void breachOrderMakesRoomFirst() {
    Object root = new Object();
    sample(0, root, 3000);
    vector.charge(LedgerKind.HEAP, 8000);
    governor.addRelief(
        (engine, missing, bound) -> {
          vector.release(LedgerKind.HEAP, 8000);
          return true;
        });

    assertThat(transfer.transfer(root, query, vector)).isEqualTo(3000);
    assertThat(heap(vector)).isEqualTo(3000);
    Reference.reachabilityFence(root);
  }

  @Test
  void rootThatReachesTooMuchIsRefused() {
    Object[] root = new Object[100];
    for (int i = 0; i < root.length; i++) {
      root[i] = new Object();
    }
    sample(0, root[99], 10);
    Object elsewhere = new Object();
    sample(0, elsewhere, 10);
    ObjectTransfer small = new ObjectTransfer(ledger, 50);

    assertThatThrownBy(() -> small.transfer(root, query, vector))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 50 references");
    assertThat(heap(query)).isEqualTo(20);
    Reference.reachabilityFence(List.of(root, elsewhere));
  }

  @Test
  void transfersSamplesAndCollectionsAtOnceEndAtZero() throws InterruptedException {
    SampleLedger own = new SampleLedger(governor.engines(), 1 << 20);
    ObjectTransfer moving = new ObjectTransfer(own);
    Object[] shared = new Object[64];
    AtomicBoolean done = new AtomicBoolean();
    own.start();
    List<Thread> allocating = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      var scope = TestScope.of(t);
      int first = 32 * t;
      allocating.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 20_000; i++) {
                      Object made = new Object();
                      shared[first + i % 32] = made;
                      own.sampled(scope, made, 1 + i % 50, 0, i % 3 == 0);
                    }
                  }));
    }
    Thread mover =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; !done.get() || i < 20; i++) {
                    // Either is refused for want of room when the other way round it is not.
                    try {
                      moving.transfer(shared, i % 2 == 0 ? query : vector, i % 2 == 0 ? vector : query);
                    } catch (BudgetExceededException full) {
                      own.sweep();
                    }
                    System.gc();
                  }
                });
    for (Thread thread : allocating) {
      thread.join();
    }
    done.set(true);
    mover.join();
    java.util.Arrays.fill(shared, null);
    System.gc();
    own.sweep();
    own.close();
    assertThat(heap(query)).isZero();
    assertThat(heap(vector)).isZero();
    assertThat(governor.usedNow()).isZero();
    assertThat(own.read(0).live() + own.read(1).live()).isZero();
    assertThat(own.tracked()).isZero();
  }

  private void sample(int engine, Object object, long weight) {
    ledger.sampled(TestScope.of(engine), object, weight, 0, false);
  }

  private static long heap(Engine engine) {
    return engine.used(LedgerKind.HEAP);
  }

  private static final class Statics {
    static Object held;
  }

  /** Its interface's field moves the number of the referent's. */
  interface WithField {
    Object CONSTANT = new Object();
  }

  private static final class Interfaced extends WeakReference<Object> implements WithField {
    Interfaced(Object referent) {
      super(referent);
    }
  }

  private static final class Extra extends WeakReference<Object> {
    final Object kept;

    Extra(Object referent, Object kept) {
      super(referent);
      this.kept = kept;
    }
  }
}
