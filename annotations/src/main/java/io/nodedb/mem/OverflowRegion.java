package io.nodedb.mem;

import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;

/**
 * Where spilled data goes: payloads in a directory of mapped files. One writer, any number of
 * read-only readers in other threads and processes; a reader sees the checkpoint it was opened on,
 * whole, however the writer goes on. Thread-safe.
 *
 * <p>A slot is an opaque positive number. It stays the same over restarts and compaction, and is
 * recognised as unknown after it was freed or when it is another region's.
 *
 * <p>Every method throws {@link OverflowException} if the region is closed, a file is damaged or the
 * disk refuses.
 */
public interface OverflowRegion extends AutoCloseable {
  /**
   * Stores a copy of a payload. With {@link OverflowOptions.Durability#SYNC} it survives whatever
   * happens once this returns.
   *
   * @param payload the bytes; may be empty
   * @param engine the engine it belongs to; at most 40 bytes of UTF-8
   * @return the slot
   * @throws OverflowException if the region is full or read-only
   */
  long write(byte[] payload, String engine);

  /**
   * Stores a copy of a payload.
   *
   * @param payload the bytes; may be empty
   * @param engine the engine it belongs to; at most 40 bytes of UTF-8
   * @return the slot
   * @throws OverflowException if the region is full or read-only
   */
  long write(MemorySegment payload, String engine);

  /**
   * Reads a payload in place.
   *
   * @param slot the slot
   * @return the payload, to be closed
   * @throws OverflowException if the slot is unknown, freed, another region's, or damaged
   */
  OverflowView read(long slot);

  /**
   * Frees a slot. Its bytes are used again only when no retained checkpoint, reader or open view can
   * refer to them.
   *
   * @param slot the slot
   * @throws OverflowException if the slot is unknown, freed already, another region's, or the region
   *     is read-only
   */
  void free(long slot);

  /**
   * The slots of one engine, or of all. Walks the object table: its cost grows with the number of
   * slots. Slots written or freed meanwhile may or may not be seen.
   *
   * @param engine the engine, or null for all
   * @return the slots
   */
  LongStream slots(String engine);

  /**
   * Makes a checkpoint of everything acknowledged so far and returns when it is durable and readers
   * find it.
   *
   * @throws OverflowException if the region is read-only or the checkpoint could not be made; the
   *     one before stays in place then
   */
  void forceCheckpoint();

  /**
   * Whether this is a reader.
   *
   * @return true if it was opened read-only
   */
  boolean readOnly();

  /**
   * The region's figures.
   *
   * @return the figures now
   */
  OverflowStatistics statistics();

  /**
   * Closes the region; a writer makes a checkpoint first if anything changed. Closing twice does
   * nothing. Open views stay readable until they are closed.
   */
  @Override
  void close();
}
