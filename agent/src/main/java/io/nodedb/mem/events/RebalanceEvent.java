package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "Rebalance")
@Label("Rebalance")
@Description("Budget moved from one engine to another")
final class RebalanceEvent extends MemoryEvent {
  @Label("From")
  @Description("The engine whose limit was lowered")
  String from;

  @Label("To")
  @Description("The engine whose limit was raised")
  String to;

  @Label("Bytes")
  @DataAmount
  long bytes;

  @Label("Limit of From")
  @Description("Its limit after that")
  @DataAmount
  long fromLimit;

  @Label("Limit of To")
  @Description("Its limit after that")
  @DataAmount
  long toLimit;

  @Label("Reason")
  @Description("LENT, REFUNDED, RETURNED, PRESSURE or SETTLED")
  String reason;
}
