package io.nodedb.mem.benchmarks;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Reservation;
import io.trino.memory.context.AggregatedMemoryContext;
import io.trino.memory.context.LocalMemoryContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.common.breaker.CircuitBreaker;
import org.opensearch.indices.breaker.HierarchyCircuitBreakerService;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** 256 bytes of one budget, taken and given back, by one thread and by two on the same budget. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = {ReserveBenchmark.AGENT, "-Xmx1g"})
public class ReserveBenchmark {
  static final String AGENT = "-javaagent:benchmarks/target/agent.jar=ceiling=3GiB";
  private static final long BYTES = 256;

  /** nodedb-mem. */
  @State(Scope.Benchmark)
  public static class NodedbMem {
    MemoryGovernor governor;

    /** Makes sure that the agent is there. */
    @Setup
    public void find() {
      governor = MemoryGovernor.get();
      if (!governor.active()) {
        throw new IllegalStateException("no agent: run from the project's root, see the README");
      }
    }
  }

  /** OpenSearch's request breaker, child of the parent breaker as in a node. */
  @State(Scope.Benchmark)
  public static class OpenSearch {
    CircuitBreaker breaker;

    /** Makes the node's service with its defaults. */
    @Setup
    public void make() {
      Settings settings =
          Settings.builder().put("indices.breaker.total.use_real_memory", false).build();
      ClusterSettings cluster =
          new ClusterSettings(settings, ClusterSettings.BUILT_IN_CLUSTER_SETTINGS);
      breaker =
          new HierarchyCircuitBreakerService(settings, List.of(), cluster)
              .getBreaker(CircuitBreaker.REQUEST);
    }
  }

  /** Trino's local context, one a thread, under one aggregated context. */
  @State(Scope.Benchmark)
  public static class TrinoRoot {
    final AggregatedMemoryContext root =
        AggregatedMemoryContext.newSimpleAggregatedMemoryContext();
  }

  /** The thread's own leaf, as operators have. */
  @State(Scope.Thread)
  public static class Trino {
    LocalMemoryContext local;

    /** Makes the leaf. */
    @Setup
    public void make(TrinoRoot root) {
      local = root.root.newLocalMemoryContext("benchmark");
    }
  }

  /** The least there can be: one counter and its bound. */
  @State(Scope.Benchmark)
  public static class Counter {
    final AtomicLong used = new AtomicLong();
    long limit = 1L << 30;

    boolean reserve(long bytes) {
      long now;
      do {
        now = used.get();
        if (now + bytes > limit) {
          return false;
        }
      } while (!used.compareAndSet(now, now + bytes));
      return true;
    }
  }

  /** Ours. */
  @Benchmark
  public void nodedbMem(NodedbMem state) {
    try (Reservation r = state.governor.reserve(Engines.QUERY, BYTES)) {
      assert r.bytes() == BYTES;
    }
  }

  /** Ours, while another thread asks for more than there can be: each time it opens its lease anew. */
  @Benchmark
  @Group("besideRefusals")
  public void small(NodedbMem state) {
    nodedbMem(state);
  }

  /** A request that meets its bound, and takes back what the other thread holds ahead before that. */
  @Benchmark
  @Group("besideRefusals")
  public boolean refused(NodedbMem state) {
    return state.governor.tryReserve(Engines.QUERY, Long.MAX_VALUE / 4).isPresent();
  }

  /** OpenSearch's. */
  @Benchmark
  public void openSearch(OpenSearch state) {
    state.breaker.addEstimateBytesAndMaybeBreak(BYTES, "benchmark");
    state.breaker.addWithoutBreaking(-BYTES);
  }

  /** Trino's. */
  @Benchmark
  public void trino(Trino state) {
    state.local.setBytes(BYTES);
    state.local.setBytes(0);
  }

  /** A bare counter. */
  @Benchmark
  public boolean casCounter(Counter state) {
    boolean got = state.reserve(BYTES);
    state.used.addAndGet(-BYTES);
    return got;
  }
}
