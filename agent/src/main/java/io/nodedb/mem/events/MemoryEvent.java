package io.nodedb.mem.events;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.StackTrace;

/** What all events have in common; both annotations are inherited. */
@Category("NodeDB Memory")
@StackTrace(false)
abstract class MemoryEvent extends Event {
  static final String PREFIX = "io.nodedb.mem.";
}
