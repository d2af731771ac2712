package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

@Name(MemoryEvent.PREFIX + "AllocationSample")
@Label("Allocation Sample")
@Description("A sampled allocation inside an engine's scope")
@StackTrace
@Throttle("300/s")
final class AllocationSampleEvent extends MemoryEvent {
  @Label("Engine")
  String engine;

  @Label("Object Class")
  Class<?> objectClass;

  @Label("Weight")
  @Description("Allocated bytes that the sample stands for; throttled samples are not made up for")
  @DataAmount
  long weight;
}
