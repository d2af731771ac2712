package io.nodedb.mem.governor;

import io.nodedb.mem.Engines;
import java.util.Locale;
import java.util.Set;

/** What kind of work is expected, as far as it decides who lends and who gets idle budget. */
public enum WorkloadHint {
  /** Nothing is known: budget goes where bounds are met. */
  AUTO(Set.of()),
  /** Data comes in: the engines that take it get idle budget first, and before they meet a bound. */
  BULK_INGESTION(Set.of(Engines.TIMESERIES, Engines.WAL, Engines.CRDT, Engines.BRIDGE)),
  /** Data is asked for: the same for the engines that search. */
  QUERY_HEAVY(Set.of(Engines.QUERY, Engines.VECTOR, Engines.SPARSE)),
  /** All at once: what a round lends is shared equally among the engines in need. */
  MIXED(Set.of()),
  /** Memory is short: lent at a breach alone, and given back after one quiet interval. */
  MEMORY_CONSTRAINED(Set.of());

  private static final int QUIET = 3;

  private final Set<String> favoured;

  WorkloadHint(Set<String> favoured) {
    this.favoured = favoured;
  }

  /**
   * Reads a hint as the configuration spells it.
   *
   * @param word such as {@code bulk-ingestion}
   * @return the hint
   * @throws IllegalArgumentException if there is no such hint
   */
  public static WorkloadHint of(String word) {
    for (WorkloadHint each : values()) {
      if (each.word().equalsIgnoreCase(word.strip())) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "rebalance.hint: " + word
            + " (expected: auto, bulk-ingestion, query-heavy, mixed or memory-constrained)");
  }

  /**
   * The hint as the configuration spells it.
   *
   * @return such as {@code bulk-ingestion}
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean favours(String engine) {
    return favoured.contains(engine);
  }

  /** After how many quiet intervals an engine lends; one that is favoured waits longer. */
  int quietBeforeLending(String engine) {
    return favours(engine) ? 2 * QUIET : QUIET;
  }

  /** After how many quiet intervals an engine gives back what it has borrowed. */
  int quietBeforeReturning() {
    return this == MEMORY_CONSTRAINED ? 1 : QUIET;
  }

  boolean lendsPeriodically() {
    return this != MEMORY_CONSTRAINED;
  }

  boolean sharesEqually() {
    return this == MIXED;
  }
}
