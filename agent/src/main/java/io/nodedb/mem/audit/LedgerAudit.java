package io.nodedb.mem.audit;

import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.governor.Drift;
import io.nodedb.mem.governor.Failsafe;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.OncePerMinute;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.offheap.LazyOffheap;
import io.nodedb.mem.offheap.OffheapMemory;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Looks now and then whether ledgers agree with what they stand for. Allocation goes on meanwhile, so
 * one disagreement says little: what two audits in a row find, in the same direction and beyond the
 * tolerance, is drift. Its smaller reading is healed, by a charge or a release, and told: each as an
 * event, and as one line a minute for each engine.
 *
 * <p>{@link #pass} is for one thread at a time.
 */
public final class LedgerAudit implements AutoCloseable {
  private final Governor governor;
  private final List<Supplier<List<Finding>>> comparisons;
  private final LongSupplier clock;
  private final Consumer<String> problems;
  private final Map<String, OncePerMinute> lines = new HashMap<>();
  private final Thread thread;
  private Map<String, Long> before = Map.of();
  private volatile boolean stopped;

  LedgerAudit(
      Governor governor,
      List<Supplier<List<Finding>>> comparisons,
      long intervalNanos,
      LongSupplier clock,
      Consumer<String> problems) {
    this.governor = governor;
    this.comparisons = comparisons;
    this.clock = clock;
    this.problems = problems;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("nodedb-mem-audit")
            .inheritInheritableThreadLocals(false)
            .unstarted(() -> passForever(intervalNanos));
  }

  /**
   * Starts auditing.
   *
   * @param governor the budgets
   * @param heap the heap ledgers
   * @param offheap the native ledgers
   * @param intervalNanos time between two audits; 0 for none
   * @param problems told, in a line each, of drift
   * @return stops it
   */
  public static AutoCloseable start(
      Governor governor,
      HeapAccounting heap,
      LazyOffheap offheap,
      long intervalNanos,
      Consumer<String> problems) {
    if (intervalNanos == 0) {
      return () -> {};
    }
    LedgerAudit audit =
        new LedgerAudit(
            governor,
            List.of(
                Comparisons.samples(governor, heap::weigh),
                Comparisons.heapUse(heap::use),
                Comparisons.allocations(governor, heap::allocations),
                Comparisons.reservations(governor),
                Comparisons.offheap(governor, () -> statistics(offheap))),
            intervalNanos,
            System::nanoTime,
            problems);
    audit.thread.start();
    return audit;
  }

  private static Optional<NativeSnapshot> statistics(LazyOffheap offheap) {
    return offheap.ifStarted().map(OffheapMemory::snapshot);
  }

  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  /** One audit. */
  void pass() {
    Map<String, Long> now = new HashMap<>();
    for (Supplier<List<Finding>> comparison : comparisons) {
      for (Finding finding : comparison.get()) {
        long drift = finding.drift();
        if (drift == 0) {
          continue;
        }
        long last = before.getOrDefault(finding.key(), 0L);
        if (last != 0 && last > 0 == drift > 0) {
          settle(finding, Math.abs(last) < Math.abs(drift) ? last : drift);
          if (finding.heals()) {
            continue; // What is left begins anew.
          }
        }
        now.put(finding.key(), drift);
      }
    }
    before = now;
  }

  private void settle(Finding finding, long drift) {
    if (finding.heals()) {
      if (drift > 0) {
        finding.engine().release(finding.ledger(), drift);
      } else {
        finding.engine().charge(finding.ledger(), -drift);
      }
    }
    governor.drifted(
        new Drift(
            finding.who(),
            finding.ledger(),
            finding.charged(),
            finding.measured(),
            finding.heals() ? -drift : 0,
            finding.measure()));
    if (lines.computeIfAbsent(finding.who(), who -> new OncePerMinute(clock)).now()) {
      problems.accept(line(finding, drift));
    }
  }

  private static String line(Finding finding, long drift) {
    return (finding.engine() == null ? "all engines" : "engine '" + finding.who() + "'")
        + ": " + finding.ledger().name().toLowerCase(Locale.ROOT) + " ledger: "
        + finding.charged() + " bytes (expected: " + finding.measured() + ", by "
        + finding.measure() + "); "
        + (finding.heals()
            ? (drift > 0 ? "released " : "charged ") + Math.abs(drift) + " bytes"
            : "left as it is");
  }

  private void passForever(long intervalNanos) {
    Failsafe failsafe = new Failsafe(problems);
    Runnable pass = this::pass;
    while (!stopped) {
      LockSupport.parkNanos(this, intervalNanos);
      if (!stopped) {
        failsafe.run("a ledger audit", pass);
      }
    }
  }
}
