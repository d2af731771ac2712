package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "Restore")
@Label("Restore")
@Description("A spill handler was offered room for what it spilled; how long it took, or was waited for")
final class RestoreEvent extends MemoryEvent {
  @Label("Engine")
  String engine;

  @Label("Handler")
  @Description("The handler's class")
  String handler;

  @Label("Wanted")
  @Description("Bytes offered")
  @DataAmount
  long wanted;

  @Label("Restored")
  @Description("Bytes taken, by the ledgers")
  @DataAmount
  long restored;

  @Label("Claimed")
  @Description("Bytes the handler says it took; 0 if it did not return")
  @DataAmount
  long claimed;

  @Label("Failure")
  @Description("What is to be said against the handler")
  String failure;
}
