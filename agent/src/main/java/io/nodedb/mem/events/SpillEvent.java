package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "Spill")
@Label("Spill")
@Description("A spill handler was asked for memory; how long it took, or was waited for")
final class SpillEvent extends MemoryEvent {
  @Label("Engine")
  String engine;

  @Label("Handler")
  @Description("The handler's class")
  String handler;

  @Label("Wanted")
  @Description("Bytes asked for")
  @DataAmount
  long wanted;

  @Label("Freed")
  @Description("Bytes freed, by the ledgers")
  @DataAmount
  long freed;

  @Label("Claimed")
  @Description("Bytes the handler says it freed; 0 if it did not return")
  @DataAmount
  long claimed;

  @Label("Awaited")
  @Description("Whether a request that met a bound waited for it")
  boolean awaited;

  @Label("Failure")
  @Description("What is to be said against the handler")
  String failure;
}
