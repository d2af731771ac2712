package io.nodedb.mem.governor;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.BudgetExceededException.Bound;
import io.nodedb.mem.CallCancelledException;
import java.util.function.LongSupplier;

/**
 * Holds running code to budgets: tells it when to look, and asks for room on behalf of what it is
 * about to allocate unasked. Thread-safe.
 */
public final class Enforcement {
  private final Attention attention;
  private final BreachOrder breachOrder;

  Enforcement(Attention attention, BreachOrder breachOrder) {
    this.attention = attention;
    this.breachOrder = breachOrder;
  }

  /**
   * Where to say that some engine is over, or near, its bound, so that its code should be looked at.
   *
   * @param flag the flag
   */
  public void onAttention(Attention.Flag flag) {
    attention.flag(flag);
  }

  /**
   * Whether an engine, or all together, have come within {@link Attention#margin} of a bound.
   *
   * @param engine the engine
   * @return whether code of that engine should stop and look
   */
  public boolean needsAttention(Engine engine) {
    return attention.needs(engine);
  }

  /**
   * Has code look earlier, for an engine that is charged from time to time only. Not thread-safe.
   *
   * @param engine the engine
   * @param bytes what it may allocate before it is charged for it
   */
  public void behind(Engine engine, long bytes) {
    attention.behind(engine, bytes);
  }

  /** Lets code come nearer to bounds, for a ledger that counts what is allocated and samples nothing. */
  public void counted() {
    attention.counted();
  }

  /** Keeps code looking, for a call over its own budget, until {@link #releaseAttention}. */
  public void holdAttention() {
    attention.hold();
  }

  /** Undoes one {@link #holdAttention}. */
  public void releaseAttention() {
    attention.unhold();
  }

  /**
   * Asks for room on behalf of code about to allocate an unknown amount on the heap; goes through
   * the breach order if there is none. Charges nothing: what that code allocates is charged as it
   * is sampled.
   *
   * @param engine the engine
   * @param mode what a breach does; {@link BreachMode#INHERIT} for the engine's own mode
   * @throws BudgetExceededException if refused
   */
  public void enforce(Engine engine, BreachMode mode) {
    long margin = attention.margin(engine);
    engine.requireRoom(LedgerKind.HEAP, margin, margin + attention.step(engine), mode);
  }

  /**
   * A call has come over its own budget: goes through the breach order.
   *
   * @param engine the engine
   * @param limit the call's budget in bytes
   * @param held what the call holds, brought up to date
   * @param mode what a breach does; {@link BreachMode#INHERIT} for the engine's own mode
   * @throws BudgetExceededException if refused
   */
  public void enforceCall(Engine engine, long limit, LongSupplier held, BreachMode mode) {
    Request request =
        new Request() {
          @Override
          public Bound attempt() {
            return held.getAsLong() > limit ? Bound.PER_CALL : null;
          }

          @Override
          public void force() {}

          @Override
          public long callUsed() {
            return held.getAsLong();
          }

          @Override
          public long callLimit() {
            return limit;
          }
        };
    breachOrder.run(engine, LedgerKind.HEAP, 0, request, mode);
  }

  /**
   * Counts and tells that a call is ended because of what it holds.
   *
   * @param engine the engine
   * @param held bytes the call holds
   * @return to be thrown on the call's thread
   */
  public CallCancelledException cancelled(Engine engine, long held) {
    return breachOrder.cancelled(engine, held);
  }
}
