package io.nodedb.mem.mapped;

import java.nio.file.Path;

/** Hears of windows that are unmapped. Called without locks held, in the thread that unmapped. */
@FunctionalInterface
public interface MappingListener {
  /** Why a window was unmapped. */
  enum Cause {
    /** The budget, the cap on mappings or the engine's limit needed room. */
    ROOM,
    /** It had not been used for long. */
    COLD,
    /** A larger one took its place. */
    REPLACED,
    /** The file or the manager was closed. */
    CLOSED
  }

  /**
   * A window that is gone.
   *
   * @param engine the engine that was charged
   * @param field the field
   * @param file the file
   * @param offset the window's place in the file
   * @param bytes its size
   * @param cause why
   */
  record Eviction(
      String engine, String field, Path file, long offset, long bytes, Cause cause) {}

  /**
   * A window was unmapped. What it throws is ignored.
   *
   * @param eviction what and why
   */
  void evicted(Eviction eviction);
}
