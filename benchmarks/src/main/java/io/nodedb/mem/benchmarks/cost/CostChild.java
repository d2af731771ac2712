package io.nodedb.mem.benchmarks.cost;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs the operations of one workload in turn; prints each one's median time in nanoseconds. */
public final class CostChild {
  private static final int FEWEST = 5;

  /** Kept, or the logger and its level would be collected: Lucene recommends JVM flags there. */
  private static final Logger LUCENE =
      Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

  private CostChild() {}

  /**
   * Runs.
   *
   * @param args variant, workload, milliseconds of warm-up, milliseconds of measurement, and if
   *     there is one an editing history
   * @throws Exception if an operation fails or the variant does not do its work
   */
  public static void main(String[] args) throws Exception {
    LUCENE.setLevel(Level.SEVERE);
    Variant variant = Variant.valueOf(args[0]);
    if (variant == Variant.INSTRUMENTER) {
      CountingSampler.register();
    }
    Path data = args.length > 4 ? Path.of(args[4]) : null;
    List<Operation> operations = Workloads.valueOf(args[1]).prepare(data);
    List<Long> expected = new ArrayList<>();
    for (Operation operation : operations) {
      expected.add(operation.body().call());
    }
    run(operations, expected, Long.parseLong(args[2]));
    List<List<Long>> times = run(operations, expected, Long.parseLong(args[3]));
    check(variant);
    for (int i = 0; i < operations.size(); i++) {
      Collections.sort(times.get(i));
      System.out.println(
          "RESULT " + times.get(i).get(times.get(i).size() / 2) + " " + operations.get(i).name());
    }
  }

  private static List<List<Long>> run(List<Operation> operations, List<Long> expected, long millis)
      throws Exception {
    List<List<Long>> times = new ArrayList<>();
    operations.forEach(_ -> times.add(new ArrayList<>()));
    long end = System.nanoTime() + millis * 1_000_000;
    do {
      for (int i = 0; i < operations.size(); i++) {
        long began = System.nanoTime();
        long result = operations.get(i).body().call();
        times.get(i).add(System.nanoTime() - began);
        if (result != expected.get(i)) {
          throw new IllegalStateException(
              operations.get(i).name() + ": " + result + " (expected: " + expected.get(i) + ")");
        }
      }
    } while (System.nanoTime() < end || times.getFirst().size() < FEWEST);
    return times;
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
