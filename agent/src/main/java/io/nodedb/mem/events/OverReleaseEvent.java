package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name(MemoryEvent.PREFIX + "OverRelease")
@Label("Over-Release")
@Description("More was released than was charged; at most one event a minute for an engine")
@StackTrace
final class OverReleaseEvent extends MemoryEvent {
  @Label("Engine")
  String engine;

  @Label("Excess")
  @Description("Bytes released too many")
  @DataAmount
  long excess;

  @Label("Count")
  @Description("Over-releases of the engine so far")
  long count;
}
