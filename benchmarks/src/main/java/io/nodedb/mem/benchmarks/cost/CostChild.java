package io.nodedb.mem.benchmarks.cost;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs the operations of one workload, as long as each line of standard input says in milliseconds,
 * and answers with each one's mean time in nanoseconds; ends with the input. Between two lines it
 * stands still, so that another child can have the machine.
 */
public final class CostChild {
  /** Kept, or the logger and its level would be collected: Lucene recommends JVM flags there. */
  private static final Logger LUCENE =
      Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

  private CostChild() {}

  /**
   * Runs.
   *
   * @param args variant, workload, and if there is one an editing history
   * @throws Exception if an operation fails or the variant does not do its work
   */
  public static void main(String[] args) throws Exception {
    LUCENE.setLevel(Level.SEVERE);
    Variant variant = Variant.valueOf(args[0]);
    if (variant == Variant.INSTRUMENTER) {
      CountingSampler.register();
    }
    Path data = args.length > 2 ? Path.of(args[2]) : null;
    List<Operation> operations = Workloads.valueOf(args[1]).prepare(data);
    List<Long> expected = new ArrayList<>();
    for (Operation operation : operations) {
      expected.add(operation.body().call());
    }
    System.out.println("READY");
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      double[] means = run(operations, expected, Long.parseLong(line) * 1_000_000);
      for (int i = 0; i < means.length; i++) {
        System.out.println("RESULT " + means[i] + " " + operations.get(i).name());
      }
      System.out.println("READY");
    }
    check(variant);
  }

  /** All in turn, each at least once. */
  private static double[] run(List<Operation> operations, List<Long> expected, long nanos)
      throws Exception {
    double[] sums = new double[operations.size()];
    int rounds = 0;
    long end = System.nanoTime() + nanos;
    do {
      for (int i = 0; i < sums.length; i++) {
        long began = System.nanoTime();
        long result = operations.get(i).body().call();
        sums[i] += System.nanoTime() - began;
        if (result != expected.get(i)) {
          throw new IllegalStateException(
              operations.get(i).name() + ": " + result + " (expected: " + expected.get(i) + ")");
        }
      }
      rounds++;
    } while (System.nanoTime() < end);
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= rounds;
    }
    return sums;
  }

  /** A variant that does nothing would cost nothing. */
  private static void check(Variant variant) {
    if (variant == Variant.AGENT) {
      long charged = 0;
      for (String engine :
          List.of(Engines.SPARSE, Engines.VECTOR, Engines.QUERY, Engines.CRDT)) {
        charged += MemoryGovernor.get().snapshot(engine).heap();
      }
      if (charged == 0) {
        throw new IllegalStateException("no engine was charged: benchmarks/cost.conf not in force");
      }
    } else if (variant == Variant.INSTRUMENTER && CountingSampler.objects() == 0) {
      throw new IllegalStateException("the instrumenter counted no object");
    }
  }
}
