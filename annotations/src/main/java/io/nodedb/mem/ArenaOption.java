package io.nodedb.mem;

/** How an engine's arena differs from the default: confined to one thread, its memory zeroed. */
public enum ArenaOption {
  /** Any thread may allocate, access and close. */
  SHARED,
  /** Memory is handed out as it is, which spares clearing what is overwritten anyway. */
  UNZEROED
}
