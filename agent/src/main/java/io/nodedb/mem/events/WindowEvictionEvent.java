package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "WindowEviction")
@Label("Window Eviction")
@Description("A window of a mapped file was unmapped; on the thread that did it")
final class WindowEvictionEvent extends MemoryEvent {
  @Label("Engine")
  @Description("The engine that was charged")
  String engine;

  @Label("Field")
  String field;

  @Label("File")
  String file;

  @Label("Offset")
  @Description("Where the window began in the file")
  @DataAmount
  long offset;

  @Label("Size")
  @DataAmount
  long size;

  @Label("Cause")
  @Description(
      "room (for other windows or the engine's limit), cold, replaced (by a larger window), closed")
  String cause;
}
