package io.nodedb.mem;

import java.lang.foreign.MemorySegment;

/**
 * One payload of an {@link OverflowRegion}, read in place: no copy is made. Keep it for the extent of
 * one operation; until {@link #close()} it holds the mapping below it. It belongs to the thread that
 * made it: only that thread may touch its segment or close it ({@link WrongThreadException}).
 */
public interface OverflowView extends AutoCloseable {
  /**
   * The payload, read-only, exactly as long as what was written.
   *
   * @return the payload; touching it after {@link #close()} raises an exception
   * @throws IllegalStateException if closed
   */
  MemorySegment segment();

  /**
   * The slot it was read from.
   *
   * @return the slot
   */
  long slot();

  /**
   * The engine that wrote it.
   *
   * @return its name
   */
  String engine();

  /** Gives the mapping back. Closing twice does nothing. */
  @Override
  void close();
}
