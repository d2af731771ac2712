package io.nodedb.mem.it;

import com.sun.management.ThreadMXBean;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/**
 * How much an engine holds when it is refused, by its own count; and how much garbage it may make.
 * Arguments: {@code retained RUNS}, {@code garbage BYTES} or {@code shared BYTES THREADS}. Sizes are
 * drawn with the run's number as the seed; where samples fall is random.
 */
final class BoundsMain {
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final String ASSIST = "io.nodedb.mem.GcAssist";
  private static final int HEADER = 16;

  private static volatile Object sink;

  private BoundsMain() {}

  /** Third-party code, matched by a rule; keeps what it makes in chains. */
  static final class Keeping {
    private Keeping() {}

    private record Node(Object before, Object payload) {}

    static final class Chain {
      Node last;

      /** Bytes in it. Written by the thread that grows it. */
      long held;

      /** Goes on until refused. */
      void grow(int kind, SplittableRandom random, long node) {
        while (true) {
          last = new Node(last, payload(kind, random));
          held += node + size(last.payload);
        }
      }
    }

    private static Object payload(int kind, SplittableRandom random) {
      return switch (kind) {
        case 0 -> null;
        case 1 -> new byte[1024];
        case 2 -> new byte[(int) Math.exp(random.nextDouble() * 9)];
        default -> new byte[40_000];
      };
    }

    /** Rounded down: with compact headers an array may be four bytes smaller. */
    private static long size(Object payload) {
      return payload instanceof byte[] array ? (array.length + HEADER - 4) & ~7L : 0;
    }

    /** Bytes of one node: the JVM's own count. */
    static long node() {
      int count = 100_000;
      Object[] nodes = new Object[count];
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < count; i++) {
        nodes[i] = new Node(null, null);
      }
      sink = nodes;
      long each = (THREADS.getCurrentThreadAllocatedBytes() - before) / count;
      sink = null;
      return each;
    }

    static void keep(List<byte[]> kept, long bytes) {
      for (long i = 0; i < bytes; i += 1 << 10) {
        kept.add(new byte[(1 << 10) - HEADER]);
      }
    }

    /** Garbage of several sizes, none large enough to be checked by itself. */
    static void drop(long bytes) {
      long until = THREADS.getCurrentThreadAllocatedBytes() + bytes;
      while (THREADS.getCurrentThreadAllocatedBytes() < until) {
        for (int i = 0; i < 100; i++) {
          sink = new byte[1000];
          sink = new Node(null, new byte[i]);
        }
      }
      sink = null;
    }
  }

  /** The engine's own code. */
  static final class Engine {
    private Engine() {}

    @EngineBudget(Engines.QUERY)
    static void run(Runnable work) {
      work.run();
    }
  }

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "retained" -> retained(Integer.parseInt(args[1]));
      case "garbage" -> garbage(Long.parseLong(args[1]));
      default -> shared(Long.parseLong(args[1]), Integer.parseInt(args[2]));
    }
    EngineSnapshot query = MemoryGovernor.get().snapshot(Engines.QUERY);
    System.out.println("rejections=" + query.rejections());
    System.out.println("allocated=" + query.allocated());
  }

  private static long allocated() {
    return MemoryGovernor.get().snapshot(Engines.QUERY).allocated();
  }

  private static void retained(int runs) throws InterruptedException {
    long node = Keeping.node();
    for (int run = 0; run < runs; run++) {
      int kind = run % 4;
      int threads = 1 + run / 4 % 3;
      System.out.println(
          "run=" + kind + " " + threads + " " + run(kind, threads, run, node));
      System.gc();
      System.out.println("left=" + ledger());
    }
  }

  private static long ledger() {
    return MemoryGovernor.get().snapshot(Engines.QUERY).heap();
  }

  /** Bytes held once each thread has been refused, and what the ledger says they are. */
  private static String run(int kind, int threads, int seed, long node)
      throws InterruptedException {
    SplittableRandom seeds = new SplittableRandom(seed);
    Keeping.Chain[] chains = new Keeping.Chain[threads];
    Thread[] running = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      SplittableRandom random = seeds.split();
      chains[t] = new Keeping.Chain();
      // A thread that is joined may be a root for a moment longer: it keeps nothing but this.
      AtomicReference<Keeping.Chain> chain = new AtomicReference<>(chains[t]);
      running[t] =
          new Thread(
              () -> untilRefused(() -> chain.getAndSet(null).grow(kind, random, node)));
      running[t].start();
    }
    long held = 0;
    for (int t = 0; t < threads; t++) {
      running[t].join();
      held += chains[t].held;
    }
    long charged = ledger();
    Reference.reachabilityFence(chains);
    return held + " charged " + charged;
  }

  private static void untilRefused(Runnable work) {
    try {
      Engine.run(work);
    } catch (BudgetExceededException e) {
      sink = e;
    }
  }

  /** Garbage of several threads of one engine, which half fills its limit with what it keeps. */
  private static void shared(long bytes, int threads) throws InterruptedException {
    Keeping.drop(1);
    List<byte[]> kept = new ArrayList<>();
    Engine.run(() -> Keeping.keep(kept, 16 << 20));
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(Thread.ofPlatform().start(() -> dropUnlessRefused(bytes / threads)));
    }
    for (Thread each : all) {
      each.join();
    }
    Reference.reachabilityFence(kept);
  }

  /** A refusal is counted. */
  private static void dropUnlessRefused(long bytes) {
    try {
      Engine.run(() -> Keeping.drop(bytes));
    } catch (BudgetExceededException e) {
      System.out.println("refused=" + e.getMessage());
    }
  }

  private static void garbage(long bytes) throws IOException {
    // What the agent allocates to rewrite a class on its first use is no engine's.
    Keeping.drop(1);
    Path file = Files.createTempFile("garbage", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(ASSIST);
      recording.start();
      // The thread's counter has the agent's own work in it as well, which is not the engine's.
      for (long left = bytes; left > 0; left = bytes - allocated()) {
        long more = left;
        Engine.run(() -> Keeping.drop(more));
      }
      recording.stop();
      recording.dump(file);
      System.out.println(
          "assists="
              + RecordingFile.readAllEvents(file).stream()
                  .filter(event -> event.getEventType().getName().equals(ASSIST))
                  .count());
    } finally {
      Files.delete(file);
    }
  }
}
