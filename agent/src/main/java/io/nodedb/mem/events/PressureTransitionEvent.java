package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "PressureTransition")
@Label("Pressure Transition")
@Description("The pressure level of an engine, or of the whole process, changed")
final class PressureTransitionEvent extends MemoryEvent {
  @Label("Engine")
  @Description("The engine; 'global' for the whole process")
  String engine;

  @Label("From")
  String from;

  @Label("To")
  String to;

  @Label("Used")
  @Description("Bytes in use when the threshold was crossed")
  @DataAmount
  long used;

  @Label("Limit")
  @Description("The engine's limit, or the ceiling")
  @DataAmount
  long limit;

  @Label("Cause")
  @Description("What moved it, such as admission, release or limit")
  String cause;
}
