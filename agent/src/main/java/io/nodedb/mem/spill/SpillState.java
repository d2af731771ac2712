package io.nodedb.mem.spill;

/** What a controller is doing. */
enum SpillState {
  /** Nothing: no pressure, or no handler that could relieve it. */
  NONE,
  /** The first handler of a shortage has been asked. */
  BEGIN,
  /** A handler has been asked after the first. */
  CONTINUE,
  /** A handler has been offered room for what it spilled. */
  RESTORE;

  boolean spilling() {
    return this == BEGIN || this == CONTINUE;
  }
}
