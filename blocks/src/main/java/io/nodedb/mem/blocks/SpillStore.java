package io.nodedb.mem.blocks;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowRegion;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Where a structure puts what it spills. Thread-safe. Every method throws {@link OverflowException}
 * if the disk refuses, or the slot is unknown.
 */
public interface SpillStore extends AutoCloseable {
  /**
   * Stores a copy.
   *
   * @param bytes what to store
   * @return its slot
   */
  long write(MemorySegment bytes);

  /**
   * Copies a part of what was stored.
   *
   * @param slot its slot
   * @param offset where the part begins, in bytes
   * @param into takes as many bytes as it has room for; there must be as many
   */
  void read(long slot, long offset, MemorySegment into);

  /**
   * Forgets what was stored.
   *
   * @param slot its slot
   */
  void free(long slot);

  /** Gives everything back. Closing twice does nothing. */
  @Override
  void close();

  /**
   * A store in an overflow region; closing it leaves the region open.
   *
   * @param region the region
   * @param engine whose data it is
   * @return the store
   */
  static SpillStore in(OverflowRegion region, String engine) {
    return new RegionStore(region, engine);
  }

  /**
   * A store in a file of its own, which is gone when the store is closed, or the process ends. For
   * data that nobody needs after a crash: nothing is mapped, forced or checksummed.
   *
   * @param directory where; made if it is missing
   * @return the store
   */
  static SpillStore inFile(Path directory) {
    return FileStore.open(directory);
  }
}
