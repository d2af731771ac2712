package io.nodedb.mem.config;

import java.nio.file.Path;

/**
 * Where spilled data goes.
 *
 * @param dir the directory of the overflow regions; need not exist yet
 * @param initial bytes of a new region, 64 KiB or more
 * @param max bytes that a region may grow to, at least {@code initial}
 * @param durability when a write is on disk
 */
public record OverflowSettings(Path dir, long initial, long max, Durability durability) {

  /** When a write to an overflow region is on disk. */
  public enum Durability {
    /** Never on purpose: the region dies with the process. */
    NONE,
    /** Soon: writes are forced in groups, behind the writer's back. */
    ASYNC,
    /** Before the write returns. */
    SYNC
  }
}
