package io.nodedb.mem.audit;

import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.heap.AllocationReading;
import io.nodedb.mem.heap.HeapReading;
import io.nodedb.mem.heap.HeapUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The comparisons there are. Each reads without stopping anybody. */
final class Comparisons {
  private static final long LEAST = 64 << 10;
  private static final long MOST = 1 << 20;
  private static final int FINEST = 4 << 10;

  private Comparisons() {}

  /** Each heap ledger is the sum of the engine's samples. */
  static Supplier<List<Finding>> samples(
      Governor governor, Supplier<Optional<HeapReading[]>> weigh) {
    return () -> {
      List<Finding> findings = new ArrayList<>();
      HeapReading[] readings = weigh.get().orElse(new HeapReading[0]);
      for (int i = 0; i < readings.length; i++) {
        Engine engine = governor.engines().get(i);
        long measured = readings[i].least();
        long charged = measured + readings[i].drift();
        findings.add(
            new Finding(
                engine, LedgerKind.HEAP, charged, measured, tolerance(engine), "samples", true));
      }
      return findings;
    };
  }

  /**
   * All heap ledgers together are of objects that no collection has removed, so they are at most what
   * the heap holds. Which of them says too much cannot be told, so nothing is healed.
   */
  static Supplier<List<Finding>> heapUse(Supplier<HeapUse> use) {
    return () -> {
      HeapUse now = use.get();
      return now.charged() <= now.inUse()
          ? List.of()
          : List.of(
              new Finding(
                  null,
                  LedgerKind.HEAP,
                  now.charged(),
                  now.inUse(),
                  tolerance(now),
                  "heap in use",
                  false));
    };
  }

  /**
   * What each engine allocated since the last audit, by its samples, is what threads' counters say: a
   * ledger with too few samples holds too little of what lives, and one with too many too much. Live
   * and dead are among them, so nothing can be healed by it.
   */
  static Supplier<List<Finding>> allocations(
      Governor governor, Supplier<Optional<AllocationReading[]>> read) {
    long[] sampledBefore = new long[governor.engines().size()];
    long[] countedBefore = new long[sampledBefore.length];
    return () -> {
      List<Finding> findings = new ArrayList<>();
      AllocationReading[] readings = read.get().orElse(new AllocationReading[0]);
      for (int i = 0; i < readings.length; i++) {
        AllocationReading now = readings[i];
        long sampled = now.sampled() - sampledBefore[i];
        long counted = now.counted() - countedBefore[i];
        sampledBefore[i] = now.sampled();
        countedBefore[i] = now.counted();
        // Below that interval the ledger's own objects, which are not sampled, weigh in.
        if (now.interval() >= FINEST) {
          findings.add(
              new Finding(
                  governor.engines().get(i),
                  LedgerKind.HEAP,
                  sampled,
                  counted,
                  tolerance(sampled, counted, now.interval()),
                  "counters of what was allocated since the last audit",
                  false));
        }
      }
      return findings;
    };
  }

  /** Three standard errors, as the ledgers promise; and pools count in regions. */
  private static long tolerance(HeapUse now) {
    return Math.max(MOST, now.inUse() >> 4)
        + (long) (3 * Math.sqrt((double) now.interval() * now.charged()));
  }

  /** Six standard errors, and what is under way or the agent's own. */
  private static long tolerance(long sampled, long counted, int interval) {
    double most = Math.max(Math.max(sampled, counted), interval);
    return MOST + (long) (most / 16 + 6 * Math.sqrt(interval * most));
  }

  /** Each reserved ledger is the sum of the reservations alive and of the public charge. */
  static Supplier<List<Finding>> reservations(Governor governor) {
    return () ->
        governor.engines().stream()
            .map(
                engine ->
                    new Finding(
                        engine,
                        LedgerKind.RESERVED,
                        engine.used(LedgerKind.RESERVED),
                        engine.reservedAlive(),
                        tolerance(engine),
                        "reservations alive",
                        true))
            .toList();
  }

  /**
   * Each native ledger is what calls charged and what pinned threads allocated besides; and where
   * the allocator counts, it has not handed out much more than that. (Less is usual: memory comes
   * from elsewhere too.)
   */
  static Supplier<List<Finding>> offheap(
      Governor governor, Supplier<Optional<NativeSnapshot>> statistics) {
    return () -> {
      List<Finding> findings = new ArrayList<>();
      statistics.get().ifPresent(stats -> compare(governor, stats, findings));
      return findings;
    };
  }

  private static void compare(Governor governor, NativeSnapshot stats, List<Finding> findings) {
    for (NativeSnapshot.EngineFigures each : stats.engines()) {
      Engine engine = governor.engine(each.engine());
      long known = each.charged() + each.external();
      long charged = engine.used(LedgerKind.NATIVE) - engine.ahead(LedgerKind.NATIVE);
      findings.add(
          new Finding(
              engine, LedgerKind.NATIVE, charged, known, tolerance(engine), "native calls", true));
      // A cache of ours counts with the arena of the thread that made it, whosever blocks it keeps.
      long handedOut = each.figures().allocated() - stats.global().cached();
      if (stats.statistics() && handedOut > charged) {
        // Blocks are rounded up to classes a quarter apart.
        long tolerance = tolerance(engine) + handedOut / 4;
        findings.add(
            new Finding(
                engine, LedgerKind.NATIVE, charged, handedOut, tolerance, "allocator", false));
      }
    }
  }

  /** A thousandth of the limit, within bounds: what is under way at any moment is less. */
  private static long tolerance(Engine engine) {
    return Math.clamp(engine.limit() >> 10, LEAST, MOST);
  }
}
