package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.Reservation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a thread has at hand without atomic instructions, and others who want it back. */
@Timeout(120)
class LeaseOwnerTest {
  private static final long LIMIT = 1L << 30;
  private static final int RECALLS = 60_000;
  private static final long KEEP = 1 << 20;

  private final Governor governor = Given.ceiling(2 * LIMIT).engine("a", LIMIT).governor();
  private final Engine engine = governor.engine("a");

  /** Without the handshake one of the first thousands finds bytes that were taken back already. */
  @Test
  void whoRecallsAndTheOwnerNeverHaveTheSameBytes() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Reservation> handedOver = new AtomicReference<>();
    try (ExecutorService pool = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        long seed = i;
        workers.add(pool.submit(() -> work(new SplittableRandom(seed), handedOver, done)));
      }
      try {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < RECALLS; i++) {
          engine.pause();
          long left = engine.leases.unspent();
          engine.resume();
          assertThat(left).isZero();
          // In which the owners open their leases and work from them.
          for (int n = random.nextInt(1_000); n > 0; n--) {
            Thread.onSpinWait();
          }
        }
      } finally {
        done.set(true);
      }
      for (Future<?> each : workers) {
        each.get();
      }
    }
    close(handedOver.get());
    assertThat(engine.snapshot().used()).isZero();
    engine.pause();
    assertThat(engine.budget.used()).isZero();
    assertThat(engine.snapshot().overReleases()).isZero();
  }

  /** Closes its own reservations mostly, some of the other's. */
  private void work(
      SplittableRandom random, AtomicReference<Reservation> handedOver, AtomicBoolean done) {
    while (!done.get()) {
      Reservation one = governor.reserve("a", 1 + random.nextInt(300));
      Reservation two = governor.reserve("a", 1 + random.nextInt(300));
      one.close();
      close(random.nextInt(100) == 0 ? handedOver.getAndSet(two) : two);
    }
  }

  private static void close(Reservation reservation) {
    if (reservation != null) {
      reservation.close();
    }
  }

  @Test
  void whatAThreadHadAtHandComesBackAfterItsEnd() throws InterruptedException {
    Thread owner = Thread.ofPlatform().start(() -> governor.reserve("a", 1000).close());
    owner.join();
    assertThat(engine.leases.unspent()).isPositive();
    assertThat(engine.snapshot().used()).isZero();
    engine.pause();
    assertThat(engine.leases.unspent()).isZero();
    assertThat(engine.budget.used()).isZero();
  }

  @Test
  void leaseOfAThreadThatEndedIsAnOrphan() throws InterruptedException {
    AtomicReference<Lease> made = new AtomicReference<>();
    Thread owner = Thread.ofPlatform().start(() -> made.set(lease()));
    owner.join();
    assertThat(made.get().orphaned()).isTrue();
    assertThat(lease().orphaned()).isFalse();
  }

  @Test
  void othersBytesAreNotTheOwners() throws InterruptedException {
    Lease lease = lease();
    lease.grant(1000, 0);
    Thread.ofPlatform().start(() -> lease.give(1000)).join();
    assertThat(lease.ownUnspent()).isZero();
    assertThat(lease.takeOwn(1)).isFalse();
    assertThat(lease.take(1000)).as("the owner finds what others gave back").isTrue();
    lease.give(1000);
    assertThat(lease.ownUnspent()).isEqualTo(1000);
  }

  /** As where it is suspended there, or ran out of stack. */
  @Test
  void recallEndsThoughAnOwnerIsBusyForEver() throws Exception {
    VarHandle busy = busy();
    engine.charge(LedgerKind.RESERVED, 1000);
    Lease lease = lease();
    lease.grant(1000, 1000);
    busy.setVolatile(lease, true);
    Thread.ofPlatform().start(lease::close).join();
    assertThat(lease.unspent()).isEqualTo(1000);
    assertThat(lease.takeOwn(1)).as("shut all the same").isFalse();
    busy.setVolatile(lease, false);
    Thread.ofPlatform().start(lease::close).join();
    assertThat(lease.unspent()).isZero();
    assertThat(engine.budget.used()).isZero();
  }

  /** Else each request of the thread would go to the engine's counter, until somebody recalls again. */
  @Test
  void leaseWhoseBytesCouldNotBeTakenBackServesAgain() throws Exception {
    VarHandle busy = busy();
    governor.reserve("a", 1000).close();
    Lease lease = engine.leases.ofThisThread();
    long atHand = lease.ownUnspent();
    assertThat(atHand).isPositive();
    busy.setVolatile(lease, true);
    Thread.ofPlatform().start(lease::close).join();
    assertThat(lease.isOpen()).isFalse();
    busy.setVolatile(lease, false);
    governor.reserve("a", 1000).close();
    assertThat(engine.leases.ofThisThread()).isSameAs(lease);
    assertThat(lease.isOpen()).isTrue();
    assertThat(lease.takeOwn(atHand)).isTrue();
    lease.give(atHand);
    engine.pause();
    assertThat(engine.budget.used()).isZero();
  }

  private static VarHandle busy() throws ReflectiveOperationException {
    return MethodHandles.privateLookupIn(OwnerBytes.class, MethodHandles.lookup())
        .findVarHandle(OwnerBytes.class, "busy", boolean.class);
  }

  @Test
  void threadsThatCannotBeShakenHandsWithOwnNothing() {
    assertThat(OwnerBytes.mayOwn(Thread.currentThread())).isTrue();
    assertThat(OwnerBytes.mayOwn(new Thread() {})).isTrue();
    assertThat(OwnerBytes.mayOwn(Thread.ofVirtual().unstarted(() -> {}))).isFalse();
    assertThat(
            OwnerBytes.mayOwn(
                new Thread() {
                  @Override
                  public StackTraceElement[] getStackTrace() {
                    return new StackTraceElement[0];
                  }
                }))
        .isFalse();
  }

  private Lease lease() {
    return Lease.shared(engine, governor.leaks(), KEEP);
  }
}
