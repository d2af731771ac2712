package io.nodedb.mem.governor;

/** Where an engine's bytes are. An engine's use is the sum over the kinds. */
public enum LedgerKind {
  /** Objects of the Java heap. */
  HEAP,
  /** Native memory: arenas, direct buffers, what JNI libraries allocate on pinned threads. */
  NATIVE,
  /** Memory-mapped windows. */
  MAPPED,
  /** What the program itself stated: reservations and charges. */
  RESERVED
}
