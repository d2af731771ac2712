package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nodedb.mem.hook.TestScope;
import java.lang.invoke.MethodType;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * All that is hard for the callback at once, every allocation sampled: stacks that overflow wherever
 * they happen to, thousands of virtual threads, classes that come and go. Each kind of thread has an
 * engine of its own, keeps a set of known size, and drops the rest; so afterwards each ledger is
 * known, that of the overflowing threads to 4 KiB.
 */
class SamplerStormTest {
  /** {@code -Dtest.jvm=-Dsampler.storm=10000000} is the long form. */
  private static final long SAMPLES = Long.getLong("sampler.storm", 400_000);

  private static final int VIRTUAL = 10_000;
  private static final int CLASSES = 200;
  private static final int KEPT = 1 << 20;

  /** What the JDK keeps of its own: for a first call or two, for virtual threads and for classes. */
  private static final int[] OTHERS = {4096, 4096, KEPT / 4, KEPT / 4};

  private final List<CountingAccount> accounts = new ArrayList<>();
  private final SampleLedger ledger;
  private final List<WeakReference<Class<?>>> classes =
      Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong overflows = new AtomicLong();

  /** Set until when; read by all. */
  private long until;

  SamplerStormTest() {
    for (int i = 0; i < 4; i++) {
      accounts.add(new CountingAccount("engine" + i));
    }
    ledger = new SampleLedger(accounts, SampleLedger.defaultMaxSamples() * 4);
  }

  @AfterEach
  void stop() {
    Sampler.stop();
    ledger.close();
  }

  @Test
  void everyLedgerIsRightAfterTheStorm() throws Exception {
    SamplerStatus status = SamplerLibrary.load();
    assumeTrue(status.kind() != SamplerStatus.Kind.NO_LIBRARY, status.detail());
    ledger.start();
    status = Sampler.start(ledger, SamplingInterval.EVERY_ALLOCATION);
    assertThat(status.running()).as(status.detail()).isTrue();
    until = Sampler.counters().calls() + SAMPLES;
    List<byte[]> kept =
        allOf(
            List.of(
                () -> inScope(0, this::overflow),
                () -> inScope(1, this::overflow),
                this::virtualThreads,
                () -> inScope(3, this::comeAndGo)));
    long dead = Sampler.counters().lowStack();
    Sampler.stop();

    System.gc();
    ledger.sweep();
    forgetTypes();
    for (int engine = 0; engine < accounts.size(); engine++) {
      assertThat(accounts.get(engine).used.get())
          .as("engine %d", engine)
          .isBetween((long) KEPT, (long) KEPT + OTHERS[engine]);
      assertThat(accounts.get(engine).overReleased).hasValue(0);
      assertThat(ledger.read(engine).dropped()).isZero();
      assertThat(ledger.read(engine).samples()).isGreaterThan(VIRTUAL / 10);
    }
    assertThat(overflows).hasPositiveValue();
    assertThat(dead).isPositive();
    assertThat(classes).hasSizeGreaterThanOrEqualTo(CLASSES);
    assertThat(classes).allMatch(type -> type.get() == null);
    System.out.printf(
        "%d samples, %d of them on little stack, %d failed; %d overflows, %d classes%n",
        Sampler.counters().calls() - until + SAMPLES,
        Sampler.counters().lowStack(),
        Sampler.counters().failed(),
        overflows.get(),
        classes.size());
    Reference.reachabilityFence(kept);
  }

  /**
   * The JDK keeps an entry for the type of each constructor that was called, beyond the end of its class:
   * until it makes another type, once the reference to this one has been enqueued.
   */
  private void forgetTypes() {
    List<Class<?>> parameters = new ArrayList<>();
    while (accounts.get(3).used.get() > KEPT + OTHERS[3] && parameters.size() < 50) {
      parameters.add(SamplerStormTest.class);
      MethodType.methodType(void.class, parameters);
      System.gc();
      ledger.sweep();
    }
  }

  private boolean raging() {
    return Sampler.counters().calls() < until;
  }

  private void overflow() {
    do {
      try {
        recurse(new byte[16]);
      } catch (StackOverflowError e) {
        overflows.incrementAndGet();
      }
    } while (raging());
  }

  private static int recurse(byte[] last) {
    return last.length + recurse(new byte[16]);
  }

  /** So many at a time, again and again; each is in the scope from its start to its end. */
  private byte[] virtualThreads() throws InterruptedException {
    byte[][] last = new byte[1][];
    for (boolean first = true; first || raging(); first = false) {
      Thread[] threads = new Thread[VIRTUAL];
      for (int i = 0; i < VIRTUAL; i++) {
        boolean keeps = first && i == 0;
        threads[i] =
            Thread.startVirtualThread(
                () ->
                    TestScope.run(
                        2,
                        () -> {
                          for (int k = 0; k < 8; k++) {
                            byte[] one = new byte[100];
                            Thread.yield();
                            one[0]++;
                          }
                          if (keeps) {
                            last[0] = new byte[KEPT];
                          }
                        }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    return last[0];
  }

  private void comeAndGo() {
    while (classes.size() < CLASSES || raging()) {
      try {
        Class<?> type = new SecondAgent().loadClass("io.nodedb.mem.heap.SamplerCounters");
        var constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        constructor.newInstance(1, 2, 3);
        if (classes.size() < CLASSES) {
          classes.add(new WeakReference<>(type));
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static byte[] inScope(int engine, Runnable body) {
    byte[][] last = new byte[1][];
    TestScope.run(
        engine,
        () -> {
          body.run();
          last[0] = new byte[KEPT];
        });
    return last[0];
  }

  /** Each in a thread of its own. */
  private static List<byte[]> allOf(List<Callable<byte[]>> parts) throws Exception {
    List<FutureTask<byte[]>> tasks = new ArrayList<>();
    for (Callable<byte[]> part : parts) {
      tasks.add(new FutureTask<>(part));
    }
    List<Thread> threads = tasks.stream().map(Thread.ofPlatform()::start).toList();
    List<byte[]> results = new ArrayList<>();
    for (FutureTask<byte[]> task : tasks) {
      results.add(task.get());
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return results;
  }
}
