package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nodedb.mem.EngineScope;
import io.nodedb.mem.MemoryGovernor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Work handed to another thread charges the engine that handed it over, and the next task there
 * charges nobody. All in one child; each case prints a line.
 */
class PropagationIT {
  private static ChildJvm.Result result;

  @BeforeAll
  static void run() {
    result =
        ChildJvm.running(Child.class)
            .agent("ceiling=2GiB,heap.sampling-interval=0")
            // The JVM trusts its own classes; here it is to verify what became of them.
            .jvm(
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Xmn32m",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+BytecodeVerificationLocal")
            .run();
  }

  @Test
  void childEndsWellAndSaysNothingUnusual() {
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "execute", "submit", "invokeAll", "scheduled", "periodic", "fork", "forkJoinSubmit",
        "supplyAsync", "thenApply", "thenApplyAsync", "ownExecutor", "delayedStage", "virtual",
        "virtualExecutor", "virtualOfVirtual", "parallelStream"
      })
  void workChargesTheEngineThatStartedIt(String way) {
    // A virtual thread has no counter of its own: only samples tell what it allocates.
    assumeTrue(
        !way.startsWith("virtual") || result.err().get(0).contains("accounting sampled"),
        "no heap sampler in this build: allocations of virtual threads are not seen");
    assertThat(result.value(way)).as(result.all()).isEqualTo("vector");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "execute", "submit", "invokeAll", "scheduled", "fork", "forkJoinSubmit", "supplyAsync",
        "thenApply", "thenApplyAsync", "ownExecutor", "delayedStage", "virtual", "virtualExecutor",
        "parallelStream"
      })
  void nextTaskStartedOutsideChargesNobody(String way) {
    assertThat(result.value(way + ".after")).as(result.all()).isEqualTo("nobody");
  }

  @Test
  void sharedTaskChargesWhoeverSubmittedItEachTime() {
    assertThat(result.value("shared")).isEqualTo("vector nobody query nobody vector vector");
  }

  @Test
  void taskDroppedByARejectionPolicyIsForgotten() {
    assertThat(result.value("discarded")).isEqualTo("nobody query");
    assertThat(result.value("callerRuns")).isEqualTo("query");
  }

  @Test
  void removedTaskIsForgotten() {
    assertThat(result.value("removed")).isEqualTo("nobody");
  }

  @Test
  void scopeLeftOpenByATaskDoesNotReachTheNext() {
    assertThat(result.value("leftOpen")).isEqualTo("nobody");
  }

  @Test
  void taskRunWhileWaitingForAnotherKeepsItsOwnEngine() {
    assertThat(result.value("helped")).isEqualTo("query vector");
  }

  @Test
  void platformThreadInheritsNothing() {
    assertThat(result.value("platform")).isEqualTo("nobody");
  }

  /** Hands work over in every way there is. */
  static final class Child {
    private static final int BYTES = 4 << 20;
    private static final List<String> ENGINES = List.of("vector", "query");

    /** Kept, so that nothing charged is given back between two looks. */
    private static final List<Object> KEPT = java.util.Collections.synchronizedList(new ArrayList<>());

    private Child() {}

    public static void main(String[] args) throws Exception {
      ExecutorService fixed = Executors.newFixedThreadPool(1);
      print("execute", () -> viaExecute(fixed));
      print("submit", () -> fixed.submit(Child::who).get());
      print("invokeAll", () -> fixed.invokeAll(List.<Callable<String>>of(Child::who)).get(0).get());
      ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
      print("scheduled", () -> timer.schedule(Child::who, 1, TimeUnit.MILLISECONDS).get());
      periodic(timer);
      ForkJoinPool pool = new ForkJoinPool(1);
      print("forkJoinSubmit", () -> pool.submit(Child::who).get());
      print("fork", () -> onWorker(pool));
      print("supplyAsync", () -> CompletableFuture.supplyAsync(Child::who).get());
      print("thenApply", () -> stage(false));
      print("thenApplyAsync", () -> stage(true));
      Executor threads = task -> Thread.ofPlatform().start(task);
      print("ownExecutor", () -> CompletableFuture.supplyAsync(Child::who, threads).get());
      print(
          "delayedStage",
          () ->
              CompletableFuture.supplyAsync(
                      Child::who, CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS, fixed))
                  .get());
      print("virtual", Child::virtual);
      try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
        print("virtualExecutor", () -> virtual.submit(Child::who).get());
        print("virtualOfVirtual", () -> virtual.submit(Child::virtual).get());
      }
      print("parallelStream", Child::parallel);
      shared();
      policies();
      leftOpen(fixed);
      helped(pool);
      inScope("vector", () -> System.out.println("platform=" + platform()));
      fixed.shutdown();
      timer.shutdown();
    }

    private interface Way {
      String go() throws Exception;
    }

    private interface Body {
      void go() throws Exception;
    }

    private static void print(String name, Way way) throws Exception {
      inScope("vector", () -> System.out.println(name + "=" + way.go()));
      System.out.println(name + ".after=" + way.go());
    }

    private static void inScope(String engine, Body body) throws Exception {
      try (EngineScope _ = EngineScope.open(engine)) {
        body.go();
      }
    }

    /** The engine that an allocation of the current thread is counted for. */
    static String who() {
      synchronized (KEPT) {
        long[] before = allocated();
        KEPT.add(new byte[BYTES]);
        long[] after = allocated();
        for (int i = 0; i < before.length; i++) {
          if (after[i] - before[i] >= BYTES) {
            return ENGINES.get(i);
          }
        }
        return "nobody";
      }
    }

    private static long[] allocated() {
      return ENGINES.stream()
          .mapToLong(e -> MemoryGovernor.get().snapshot(e).allocated())
          .toArray();
    }

    private static String viaExecute(Executor executor) throws Exception {
      CompletableFuture<String> seen = new CompletableFuture<>();
      executor.execute(() -> seen.complete(who()));
      return seen.get();
    }

    private static String onWorker(ForkJoinPool pool) throws Exception {
      CompletableFuture<String> seen = new CompletableFuture<>();
      pool.execute(
          new RecursiveAction() {
            private static final long serialVersionUID = 1L;

            @Override
            protected void compute() {
              ForkJoinTask<String> forked = ForkJoinTask.adapt(Child::who).fork();
              seen.complete(forked.join());
            }
          });
      return seen.get();
    }

    /** Registered here, completed on a thread that is in no scope or another's. */
    private static String stage(boolean async) throws Exception {
      CompletableFuture<String> first = new CompletableFuture<>();
      CompletableFuture<String> second =
          async ? first.thenApplyAsync(x -> who()) : first.thenApply(x -> who());
      Thread completer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (EngineScope _ = EngineScope.open("query")) {
                      first.complete("");
                    }
                  });
      completer.join();
      return second.get();
    }

    private static String virtual() throws Exception {
      CompletableFuture<String> seen = new CompletableFuture<>();
      Thread.startVirtualThread(
              () -> {
                Thread.yield();
                seen.complete(who());
              })
          .join();
      return seen.get();
    }

    private static String platform() throws Exception {
      CompletableFuture<String> seen = new CompletableFuture<>();
      Thread.ofPlatform().start(() -> seen.complete(who())).join();
      return seen.get();
    }

    private static String parallel() {
      List<String> seen =
          IntStream.range(0, 32).parallel().mapToObj(i -> who()).distinct().toList();
      return String.join(" ", seen);
    }

    private static void periodic(ScheduledExecutorService timer) throws Exception {
      List<String> seen = new ArrayList<>();
      CountDownLatch three = new CountDownLatch(3);
      inScope(
          "vector",
          () -> {
            Future<?> f =
                timer.scheduleAtFixedRate(
                    () -> {
                      if (three.getCount() > 0) {
                        seen.add(who());
                        three.countDown();
                      }
                    },
                    1,
                    1,
                    TimeUnit.MILLISECONDS);
            three.await();
            f.cancel(false);
          });
      System.out.println("periodic=" + String.join(" ", seen.stream().distinct().toList()));
    }

    private static void shared() throws Exception {
      ThreadPoolExecutor pool = single(16, new ThreadPoolExecutor.AbortPolicy());
      CountDownLatch gate = block(pool);
      List<String> seen = new ArrayList<>();
      Runnable task = () -> seen.add(who());
      inScope("vector", () -> pool.execute(task));
      pool.execute(task);
      inScope("query", () -> pool.execute(task));
      pool.execute(task);
      inScope("vector", () -> pool.execute(task));
      inScope("vector", () -> pool.execute(task));
      end(pool, gate);
      System.out.println("shared=" + String.join(" ", seen));
    }

    private static void policies() throws Exception {
      ThreadPoolExecutor pool = single(2, new ThreadPoolExecutor.DiscardOldestPolicy());
      CountDownLatch gate = block(pool);
      List<String> seen = new ArrayList<>();
      Runnable task = () -> seen.add(who());
      inScope("vector", () -> pool.execute(task));
      pool.execute(task);
      inScope("query", () -> pool.execute(task));
      end(pool, gate);
      System.out.println("discarded=" + String.join(" ", seen));

      seen.clear();
      ThreadPoolExecutor second = single(1, new ThreadPoolExecutor.CallerRunsPolicy());
      gate = block(second);
      second.execute(() -> {});
      inScope("query", () -> second.execute(task));
      System.out.println("callerRuns=" + String.join(" ", seen));
      end(second, gate);

      seen.clear();
      ThreadPoolExecutor third = single(2, new ThreadPoolExecutor.AbortPolicy());
      gate = block(third);
      inScope("query", () -> third.execute(task));
      third.remove(task);
      third.execute(task);
      end(third, gate);
      System.out.println("removed=" + String.join(" ", seen));
    }

    private static void leftOpen(ExecutorService fixed) throws Exception {
      fixed.submit(() -> open("query")).get();
      System.out.println("leftOpen=" + fixed.submit(Child::who).get());
    }

    /** Runs a task of the one engine on a worker that waits for it in the scope of another. */
    private static void helped(ForkJoinPool pool) throws Exception {
      CompletableFuture<String> seen = new CompletableFuture<>();
      pool.execute(
          () -> {
            ForkJoinTask<String> task;
            try (EngineScope _ = EngineScope.open("query")) {
              task = ForkJoinTask.adapt(Child::who).fork();
            }
            try (EngineScope _ = EngineScope.open("vector")) {
              seen.complete(task.join() + " " + who());
            }
          });
      System.out.println("helped=" + seen.get());
    }

    /** Leaves a scope open, as a faulty task does. */
    private static Object open(String engine) {
      KEPT.add(EngineScope.open(engine));
      return null;
    }

    private static ThreadPoolExecutor single(
        int queue, java.util.concurrent.RejectedExecutionHandler handler) {
      return new ThreadPoolExecutor(
          1, 1, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(queue), handler);
    }

    /** Keeps the only worker busy until the latch is open. */
    private static CountDownLatch block(ThreadPoolExecutor pool) throws InterruptedException {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch gate = new CountDownLatch(1);
      pool.execute(
          () -> {
            started.countDown();
            try {
              gate.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      started.await();
      return gate;
    }

    private static void end(ThreadPoolExecutor pool, CountDownLatch gate)
        throws InterruptedException {
      gate.countDown();
      pool.shutdown();
      pool.awaitTermination(1, TimeUnit.MINUTES);
    }
  }
}
