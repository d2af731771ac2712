package io.nodedb.mem.benchmarks;

import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Loops of arithmetic in a class under a rule, beside the same loops in one that no rule names. The
 * matched ones take as long if the JIT still vectorizes them; {@code intsNotVectorized} shows what
 * it would cost if it did not.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {LoopBenchmark.AGENT, "-Xmx1g"})
@State(Scope.Thread)
public class LoopBenchmark {
  static final String AGENT =
      "-javaagent:benchmarks/target/agent.jar=ceiling=3GiB,config=benchmarks/cost.conf";
  private static final int LENGTH = 4096;

  /** Under a rule; the allocation makes the methods ones that are polled. */
  static final class Matched {
    private Matched() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int[] product(int[] a, int[] b) {
      int sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return new int[] {sum};
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static float[] scaled(float[] a, float[] b) {
      float[] c = new float[a.length];
      for (int i = 0; i < a.length; i++) {
        c[i] = a[i] * b[i] + a[i];
      }
      return c;
    }
  }

  /** Under none. */
  static final class Plain {
    private Plain() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int[] product(int[] a, int[] b) {
      int sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return new int[] {sum};
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static float[] scaled(float[] a, float[] b) {
      float[] c = new float[a.length];
      for (int i = 0; i < a.length; i++) {
        c[i] = a[i] * b[i] + a[i];
      }
      return c;
    }
  }

  private final int[] a = new int[LENGTH];
  private final int[] b = new int[LENGTH];
  private final float[] x = new float[LENGTH];
  private final float[] y = new float[LENGTH];

  /** Fills the arrays. */
  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < LENGTH; i++) {
      a[i] = random.nextInt();
      b[i] = random.nextInt();
      x[i] = (float) random.nextDouble();
      y[i] = (float) random.nextDouble();
    }
  }

  /** Sum of products of ints, no rule. */
  @Benchmark
  public int[] intsPlain() {
    return Plain.product(a, b);
  }

  /** Sum of products of ints, under a rule. */
  @Benchmark
  public int[] intsMatched() {
    return Matched.product(a, b);
  }

  /** The same without vectors. */
  @Benchmark
  @Fork(
      value = 3,
      jvmArgsAppend = {LoopBenchmark.AGENT, "-Xmx1g", "-XX:-UseSuperWord"})
  public int[] intsNotVectorized() {
    return Plain.product(a, b);
  }

  /** Products of floats into a new array, no rule. */
  @Benchmark
  public float[] floatsPlain() {
    return Plain.scaled(x, y);
  }

  /** Products of floats into a new array, under a rule. */
  @Benchmark
  public float[] floatsMatched() {
    return Matched.scaled(x, y);
  }
}
