package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "GcAssist")
@Label("GC Assist")
@Description("A collection that was asked for to rule garbage out before a request is refused")
final class GcAssistEvent extends MemoryEvent {
  @Label("Engine")
  @Description("The engine in breach")
  String engine;

  @Label("Heap Before")
  @Description("Java heap in use before, garbage included")
  @DataAmount
  long heapBefore;

  @Label("Heap After")
  @Description("Java heap in use after")
  @DataAmount
  long heapAfter;

  @Label("Freed")
  @Description("Java heap in use before minus after; negative if more was allocated meanwhile")
  @DataAmount
  long freed;

  @Label("Accounting")
  @Description("How the engines' live heap is known: sampled or estimated")
  String accounting;
}
