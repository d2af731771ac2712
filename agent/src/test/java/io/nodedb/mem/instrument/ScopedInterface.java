package io.nodedb.mem.instrument;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;

/** Methods with code in an interface. */
@EngineBudget(Engines.QUERY)
public interface ScopedInterface {
  default int byDefault() {
    return hidden() * 10 + RecordingRuntime.engine();
  }

  static int statically() {
    return RecordingRuntime.engine();
  }

  private int hidden() {
    return RecordingRuntime.engine();
  }
}
