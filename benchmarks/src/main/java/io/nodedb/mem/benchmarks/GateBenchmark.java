package io.nodedb.mem.benchmarks;

import io.nodedb.mem.hook.Hooks;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The gate and the poll by themselves, a thousand of each in a loop, so that the loop and JMH's own
 * call vanish; the baseline is the loop without them.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = {ReserveBenchmark.AGENT, "-Xmx1g"})
@State(Scope.Thread)
@OperationsPerInvocation(GateBenchmark.N)
public class GateBenchmark {
  static final int N = 1000;
  private final int[] lengths = new int[N];

  /** The lengths are of small arrays. */
  public GateBenchmark() {
    for (int i = 0; i < N; i++) {
      lengths[i] = i & 255;
    }
  }

  /** The loop alone. */
  @Benchmark
  public int baseline() {
    int sum = 0;
    for (int length : lengths) {
      sum += length;
    }
    return sum;
  }

  /** A gate on each length. */
  @Benchmark
  public int gate() {
    int sum = 0;
    for (int length : lengths) {
      Hooks.gate(length, 0);
      sum += length;
    }
    return sum;
  }

  /** A poll each. */
  @Benchmark
  public int poll() {
    int sum = 0;
    for (int length : lengths) {
      Hooks.poll();
      sum += length;
    }
    return sum;
  }
}
