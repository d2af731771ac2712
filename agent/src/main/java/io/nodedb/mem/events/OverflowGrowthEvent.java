package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "OverflowGrowth")
@Label("Overflow Growth")
@Description("An overflow region's payload file has grown; on the thread that wrote")
final class OverflowGrowthEvent extends MemoryEvent {
  @Label("Region")
  @Description("Its directory")
  String region;

  @Label("Engine")
  @Description("Whose payload made it grow")
  String engine;

  @Label("From")
  @DataAmount
  long from;

  @Label("To")
  @DataAmount
  long to;
}
