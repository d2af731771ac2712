package io.nodedb.mem.benchmarks;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineScope;
import io.nodedb.mem.Engines;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Scopes, gates and polls in code that the agent has rewritten, beside the same code unmatched. The
 * cost of a hook is the difference to its baseline.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = {ReserveBenchmark.AGENT, "-Xmx1g"})
@State(Scope.Thread)
public class ScopeBenchmark {
  /** A thread that is in the query engine. */
  @State(Scope.Thread)
  public static class InQuery {
    private EngineScope scope;

    /** Opens it on the benchmark's thread. */
    @Setup
    public void open() {
      scope = EngineScope.open(Engines.QUERY);
    }

    /** Closes it. */
    @TearDown
    public void close() {
      scope.close();
    }
  }

  /** What the scope is put around; it calls, so that the scope is not left out. */
  static final class Annotated {
    private Annotated() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    @EngineBudget(Engines.QUERY)
    static int call(int x) {
      return Integer.rotateLeft(x, 3);
    }

    /** Both objects are gone after escape analysis. */
    @EngineBudget(Engines.QUERY)
    static int scalar(int x) {
      Pair p = new Pair(x, x + 1);
      Pair q = new Pair(p.b(), p.a());
      return q.a() - q.b();
    }

    /** A matched method that allocates a small array: gated. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    @EngineBudget(Engines.QUERY)
    static byte[] smallArray(int length) {
      return new byte[length];
    }
  }

  /** The same without the agent's interest. */
  static final class Plain {
    private Plain() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int call(int x) {
      return Integer.rotateLeft(x, 3);
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static byte[] smallArray(int length) {
      return new byte[length];
    }
  }

  /** Two ints. */
  record Pair(int a, int b) {}

  private int x = 42;
  private int length = 32;

  /** A call that is not matched. */
  @Benchmark
  public int callPlain() {
    return Plain.call(x);
  }

  /** A scope of the engine the thread is in. */
  @Benchmark
  public int callInSameEngine(InQuery state) {
    return Annotated.call(x);
  }

  /** A scope that changes the engine, there and back. */
  @Benchmark
  public int callChangingEngine() {
    return Annotated.call(x);
  }

  /** Run with -prof gc: 0 B/op. */
  @Benchmark
  public int scalarReplaced(InQuery state) {
    return Annotated.scalar(x);
  }

  /** A small array in code that is not matched. */
  @Benchmark
  public byte[] smallArrayPlain(InQuery state) {
    return Plain.smallArray(length);
  }

  /** A small array behind scope, poll and gate. */
  @Benchmark
  public byte[] smallArrayGated(InQuery state) {
    return Annotated.smallArray(length);
  }
}
