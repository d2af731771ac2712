package io.nodedb.mem.events;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

@Name(MemoryEvent.PREFIX + "Checkpoint")
@Label("Checkpoint")
@Description("An overflow region's checkpoint was made, or failed")
final class CheckpointEvent extends MemoryEvent {
  @Label("Region")
  @Description("Its directory")
  String region;

  @Label("Sequence")
  long sequence;

  @Label("Slots")
  @Description("Live slots in it")
  long slots;

  @Label("Took")
  @Timespan(Timespan.NANOSECONDS)
  long took;

  @Label("Failure")
  @Description("What went wrong; absent if nothing did")
  String failure;
}
