package io.nodedb.mem.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The native ledger.
 *
 * @param jemalloc the library to load instead of the system's or the shipped one
 * @param leakDetection how arenas that are never closed are found
 */
public record NativeSettings(Optional<Path> jemalloc, LeakDetection leakDetection) {

  /** How much is remembered about an arena, to report it if it leaks. */
  public enum LeakDetection {
    /** Nothing; leaks are neither found nor released. */
    OFF,
    /** Every arena is watched, a few of them with the stack that opened them. */
    SAMPLED,
    /** Every arena is watched with the stack that opened it. */
    FULL
  }
}
