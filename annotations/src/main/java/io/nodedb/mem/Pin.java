package io.nodedb.mem;

import java.lang.foreign.MemorySegment;

/**
 * A range of a file, mapped and held for the length of one operation. It belongs to the thread that
 * made it: only that thread may touch its segment or close it ({@link WrongThreadException}).
 *
 * <p>Touching the segment, or any slice or buffer made from it, after {@link #close()} raises
 * {@link IllegalStateException}. If somebody truncates the file under the mapping, touching what is
 * gone raises {@link InternalError}.
 */
public interface Pin extends AutoCloseable {
  /**
   * The bytes: exactly the range that was asked for, read-only if it was pinned so.
   *
   * @return the segment
   * @throws IllegalStateException if closed
   */
  MemorySegment segment();

  /**
   * Writes the range's changed pages to the disk and waits for it.
   *
   * @throws MappingException if the disk refuses
   * @throws IllegalStateException if closed
   */
  void force();

  /** Ends the use. Closing twice does nothing. */
  @Override
  void close();
}
