package io.nodedb.mem.overflow;

import java.nio.file.Path;

/**
 * Is told what a region does. Called on the thread that does it, some of them under the region's
 * lock: must return soon, must not call the region, must not throw.
 */
public interface RegionListener {
  /**
   * The payload file has grown.
   *
   * @param region its directory
   * @param engine the engine whose write made it grow
   * @param from bytes before
   * @param to bytes now
   */
  default void grew(Path region, String engine, long from, long to) {}

  /**
   * A checkpoint was made, or failed.
   *
   * @param region its directory
   * @param sequence its number
   * @param slots live slots in it
   * @param nanos how long it took
   * @param failure what went wrong, or null
   */
  default void checkpointed(
      Path region, long sequence, long slots, long nanos, Exception failure) {}
}
