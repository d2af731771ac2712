package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name(MemoryEvent.PREFIX + "BudgetBreach")
@Label("Budget Breach")
@Description("A request met a bound; the stack trace is that of the request")
@StackTrace
final class BudgetBreachEvent extends MemoryEvent {
  @Label("Engine")
  String engine;

  @Label("Ledger")
  @Description("What was asked for: heap, native, mapped or reserved memory")
  String ledger;

  @Label("Requested")
  @Description("Bytes asked for; 0 if a check found the engine over its bound already")
  @DataAmount
  long requested;

  @Label("Used")
  @Description("Bytes in use under the bound when the request ended")
  @DataAmount
  long used;

  @Label("Limit")
  @Description("The bound's value")
  @DataAmount
  long limit;

  @Label("Bound")
  @Description("The bound that was met: ENGINE, CEILING, HEAP_CEILING, PER_CALL or MAPPING")
  String bound;

  @Label("Outcome")
  @Description("RELIEVED, WAITED or OBSERVED: it went on; REJECTED or TIMED_OUT: it was refused")
  String outcome;

  @Label("Verified by GC")
  @Description("Whether a collection had ruled garbage out")
  boolean verifiedByGc;

  @Label("Waited")
  @Description("Time between the first refusal and the outcome, collection and waiting included")
  @Timespan(Timespan.NANOSECONDS)
  long waited;
}
