package io.nodedb.mem;

/** What happens to a request that would pass a bound, after garbage was ruled out. */
public enum BreachMode {
  /** As configured for the engine. Only meaningful on {@link EngineBudget}. */
  INHERIT,
  /** The request fails with {@link BudgetExceededException} before anything is allocated. */
  REJECT,
  /** The request waits for room up to the engine's {@code wait-timeout}, then fails. */
  WAIT,
  /** The request succeeds; the breach is only recorded. */
  OBSERVE
}
