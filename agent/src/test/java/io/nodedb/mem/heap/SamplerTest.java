package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.nodedb.mem.hook.TestScope;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The real sampler in this JVM. Estimates are compared at five standard errors, which chance passes
 * once in two million.
 */
class SamplerTest {
  private static final int KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  private static final int ARRAY_HEADER = arrayHeader();

  private final List<CountingAccount> accounts = new ArrayList<>();
  private SampleLedger ledger;

  @BeforeAll
  static void libraryIsThere() {
    SamplerStatus status = SamplerLibrary.load();
    if (status.kind() == SamplerStatus.Kind.NO_LIBRARY) {
      System.err.println("SKIPPED: tests of the heap sampler: " + status.detail());
    }
    assumeTrue(status.kind() != SamplerStatus.Kind.NO_LIBRARY, status.detail());
    assertThat(status.running()).as(status.detail()).isTrue();
  }

  @AfterEach
  void stop() {
    Sampler.stop();
    if (ledger != null) {
      ledger.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {24, 400, 40_000, 3_000_000})
  void liveObjectsAreEstimatedAndForgottenOnceCollected(int size) throws Exception {
    start(2, 4 * KIB);
    long live = 48 * MIB;
    byte[][] held = holder(live, size);
    inScope(0, () -> fill(held, size));
    inScope(1, () -> fill(holder(16 * MIB, size), size)); // Garbage of another engine.
    collect();

    long expected = held.length * arraySize(size);
    double error = Math.sqrt(4.0 * KIB / expected);
    assertThat((double) used(0) / expected).isCloseTo(1, within(5 * error));
    assertThat(used(1)).isLessThan(MIB);
    assertThat(used(0)).isEqualTo(ledger.read(0).live());
    Reference.reachabilityFence(held);

    Arrays.fill(held, null);
    collect();
    assertThat(used(0)).isLessThan((long) (5 * error * expected));
    assertNothingWentWrong();
  }

  @Test
  void liveObjectsOfMixedSizesAreEstimated() throws Exception {
    start(1, 16 * KIB);
    Random random = new Random(7);
    byte[][] held = new byte[120_000][];
    inScope(
        0,
        () -> {
          for (int i = 0; i < held.length; i++) {
            held[i] = new byte[(int) Math.exp(random.nextDouble() * 8)];
          }
        });
    long expected = 0;
    for (byte[] array : held) {
      expected += arraySize(array.length);
    }
    collect();
    assertThat((double) used(0) / expected)
        .isCloseTo(1, within(5 * Math.sqrt(16.0 * KIB / expected)));
    Reference.reachabilityFence(held);
  }

  @Test
  void everyAllocationIsChargedWithItsSizeAtIntervalZero() throws Exception {
    start(1, SamplingInterval.EVERY_ALLOCATION);
    byte[][] holder = new byte[10_000][];
    inScope(
        0,
        () -> {
          for (int i = 0; i < holder.length; i++) {
            holder[i] = new byte[i];
          }
        });
    long expected = 0;
    for (byte[] array : holder) {
      expected += arraySize(array.length);
    }
    collect();
    assertThat(used(0)).isEqualTo(expected);
    assertThat(ledger.read(0).samples()).isEqualTo(holder.length);

    Arrays.fill(holder, 0, 5_000, null);
    long gone = 0;
    for (int i = 0; i < 5_000; i++) {
      gone += arraySize(i);
    }
    collect();
    assertThat(used(0)).isEqualTo(expected - gone);
    assertNothingWentWrong();
  }

  @Test
  void changedIntervalKeepsTheEstimateUnbiased() throws Exception {
    start(1, 4 * KIB);
    int rounds = 16;
    byte[][][] held = new byte[rounds][holder(4 * MIB, 100).length][];
    inScope(
        0,
        () -> {
          for (int i = 0; i < rounds; i++) {
            Sampler.interval((i % 2 == 0 ? 64 : 4) * KIB);
            fill(held[i], 100);
          }
        });
    double expected = rounds * held[0].length * (double) arraySize(100);
    assertThat(ledger.read(0).allocated() / expected)
        .isCloseTo(1, within(5 * Math.sqrt(64.0 * KIB / (expected / 2))));
  }

  @Test
  void threadsOlderThanTheSamplerAreNotUnderestimated() throws Exception {
    int count = 100;
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    await(go);
                    byte[][] held = holder(MIB, 1000);
                    TestScope.run(0, () -> fill(held, 1000));
                  }));
    }
    start(1, 4 * KIB);
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    // A first sample stands for 512 KiB on average: the standard error is 5 MiB. Weighing it by the
    // new interval would lose some 40 MiB.
    assertThat(ledger.read(0).allocated() / (double) (count * MIB)).isCloseTo(1, within(0.25));
  }

  @Test
  void virtualThreadsAreToldApart() throws Exception {
    start(4, 4 * KIB);
    int count = 10_000;
    byte[][][] held = new byte[count][][];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int index = i;
      threads.add(
          Thread.startVirtualThread(
              () ->
                  TestScope.run(
                      index % 4,
                      () -> {
                        byte[][] mine = new byte[1 + index % 4][];
                        for (int k = 0; k < mine.length; k++) {
                          mine[k] = new byte[4000];
                          Thread.yield();
                        }
                        held[index] = mine;
                      })));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
    collect();
    for (int engine = 0; engine < 4; engine++) {
      double expected = count / 4 * (1 + engine) * (double) arraySize(4000);
      // Each thread keeps some small objects too: the scope's caller, the outer array.
      assertThat(used(engine) / expected)
          .as("engine %d", engine)
          .isCloseTo(1.01, within(0.02 + 5 * Math.sqrt(4 * KIB / expected)));
    }
    Reference.reachabilityFence(held);
    assertNothingWentWrong();
  }

  @Test
  void whatVirtualThreadsAllocateIsKnownThoughTheJvmDoesNotCount() throws Exception {
    start(2, 4 * KIB);
    int count = 1_000;
    int each = 64;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add(
          Thread.startVirtualThread(
              () ->
                  TestScope.run(
                      0,
                      () -> {
                        for (int k = 0; k < each; k++) {
                          fill(new byte[1][], 1000); // Garbage, below every gate.
                          Thread.yield();
                        }
                      })));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    inScope(1, () -> fill(holder(MIB, 1000), 1000)); // A platform thread's count is the JVM's.

    double expected = count * each * (double) (arraySize(1000) + 24);
    // Yielding leaves a few objects of the JDK's own in the scope as well.
    assertThat(ledger.allocatedOnVirtualThreads(0) / expected)
        .isBetween(1 - 5 * Math.sqrt(4 * KIB / expected), 1.25);
    assertThat(ledger.allocatedOnVirtualThreads(1)).isZero();
    assertThat(ledger.read(1).allocated()).isPositive();
  }

  @Test
  void classesComeAndGoWhileSampled() throws Exception {
    start(1, SamplingInterval.EVERY_ALLOCATION);
    List<WeakReference<Class<?>>> classes = Collections.synchronizedList(new ArrayList<>());
    inScope(
        0,
        () -> {
          for (int i = 0; i < 200; i++) {
            try {
              Class<?> type = new SecondAgent().loadClass("io.nodedb.mem.heap.SamplerCounters");
              var constructor = type.getDeclaredConstructors()[0];
              constructor.setAccessible(true);
              constructor.newInstance(1, 2, 3);
              classes.add(new WeakReference<>(type));
            } catch (ReflectiveOperationException e) {
              throw new IllegalStateException(e);
            }
          }
        });
    collect();
    assertThat(classes).hasSize(200).allMatch(type -> type.get() == null);
    assertThat(ledger.read(0).samples()).isGreaterThan(200);
    assertNothingWentWrong();
  }

  @Test
  void secondAgentIsToldThatTheCapabilityIsHeld() throws Exception {
    start(1, 64 * KIB);
    Class<?> other = new SecondAgent().loadClass(SamplerLibrary.class.getName());
    var load = other.getDeclaredMethod("load");
    load.setAccessible(true);
    load.invoke(null);
    var startOther = other.getDeclaredMethod("start", Class.class, int.class);
    startOther.setAccessible(true);
    Class<?> hook = Class.forName("io.nodedb.mem.hook.SampleHook");
    assertThat(startOther.invoke(null, hook, 1 << 16))
        .isEqualTo(SamplerLibrary.ERROR_CAPABILITY_HELD);

    Sampler.stop();
    assertThat(startOther.invoke(null, hook, 1 << 16)).isEqualTo(SamplerLibrary.OK);
    SamplerStatus refused = Sampler.start(ledger, 64 * KIB);
    assertThat(refused.kind()).isEqualTo(SamplerStatus.Kind.CAPABILITY_HELD);
    assertThat(refused.detail()).contains("another agent").doesNotContain("\n");

    var stopOther = other.getDeclaredMethod("stop");
    stopOther.setAccessible(true);
    stopOther.invoke(null);
    assertThat(Sampler.start(ledger, 64 * KIB).running()).isTrue();
  }

  @Test
  void nothingIsSampledOnceStopped() throws Exception {
    start(1, SamplingInterval.EVERY_ALLOCATION);
    inScope(0, () -> fill(new byte[100][], 24));
    Sampler.stop();
    long samples = ledger.read(0).samples();
    inScope(0, () -> fill(new byte[10_000][], 24));
    assertThat(samples).isPositive();
    assertThat(ledger.read(0).samples()).isEqualTo(samples);
  }

  private void start(int engines, int interval) {
    for (int i = 0; i < engines; i++) {
      accounts.add(new CountingAccount("engine" + i));
    }
    ledger = new SampleLedger(accounts, SampleLedger.defaultMaxSamples() * 4);
    ledger.start();
    SamplerStatus status = Sampler.start(ledger, interval);
    assertThat(status.running()).as(status.detail()).isTrue();
  }

  private long used(int engine) {
    return accounts.get(engine).used.get();
  }

  private void collect() {
    System.gc();
    ledger.sweep();
  }

  private void assertNothingWentWrong() {
    for (int i = 0; i < accounts.size(); i++) {
      assertThat(accounts.get(i).overReleased).hasValue(0);
      assertThat(ledger.read(i).dropped()).isZero();
    }
  }

  /** Room for arrays of that many bytes in all. */
  private static byte[][] holder(long bytes, int size) {
    return new byte[(int) (bytes / arraySize(size))][];
  }

  private static void fill(byte[][] arrays, int size) {
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = new byte[size];
    }
  }

  private static long arraySize(int length) {
    return (ARRAY_HEADER + length + 7) & ~7L;
  }

  /** Compact object headers make it 12 bytes instead of 16. */
  private static int arrayHeader() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[][] held = new byte[100_000][];
    long before = threads.getCurrentThreadAllocatedBytes();
    fill(held, 4);
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / held.length;
    return each == 16 ? 12 : 16;
  }

  /** Runs in a thread of its own, so that nothing stays on a stack that the collector sees. */
  private static void inScope(int engine, Runnable body) throws InterruptedException {
    AtomicReference<Runnable> once = new AtomicReference<>(body);
    // A thread that is joined may be a root for a moment longer: it keeps nothing but this.
    Thread thread = new Thread(() -> TestScope.run(engine, () -> once.getAndSet(null).run()));
    thread.start();
    thread.join();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
