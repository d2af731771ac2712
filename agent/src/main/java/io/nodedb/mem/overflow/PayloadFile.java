package io.nodedb.mem.overflow;

import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.OverflowException;
import io.nodedb.mem.Pin;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.PositionalWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The data file of the writer. Payloads are written by calls, small ones many at a time, and read
 * through pinned windows, which share their pages; the channel only forces, once for a whole group
 * of writers. Thread-safe; growth is guarded by the region's lock.
 */
final class PayloadFile implements AutoCloseable {
  final Path path;
  final long generation;
  private final MappingManager mappings;
  private final String owner;
  private final String field;
  // Used by the region's own threads only: an interrupt would close it under everybody.
  private final FileChannel channel;
  private final PositionalWriter writer;
  private final GatheredWrites gathered;
  private volatile long capacity;

  private PayloadFile(
      RegionFiles files, long generation, RegionContext context, FileChannel channel)
      throws IOException {
    this.path = files.data(generation);
    this.generation = generation;
    this.mappings = context.mappings();
    this.owner = context.owner();
    this.field = files.directory.getFileName().toString();
    this.channel = channel;
    this.capacity = channel.size();
    this.writer = PositionalWriter.open(path);
    this.gathered = new GatheredWrites(writer);
    mappings.advise(path, MapAdvice.RANDOM);
  }

  /** Makes an empty data file; its space is reserved when it is first grown. */
  static void create(RegionFiles files, UUID region, long generation) throws IOException {
    files.replace(files.data(generation), DataLayout.encode(region, generation));
  }

  /** Opens a data file whose header was checked. */
  static PayloadFile open(RegionFiles files, long generation, RegionContext context)
      throws IOException {
    FileChannel channel = files.open(files.data(generation), StandardOpenOption.WRITE);
    boolean opened = false;
    try {
      PayloadFile file = new PayloadFile(files, generation, context, channel);
      opened = true;
      return file;
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  /** Reads and checks the header page. */
  static void check(RegionFiles files, FileChannel channel, UUID region, long generation)
      throws IOException {
    Path path = files.data(generation);
    var page = RegionFiles.readFully(channel, 0, DataLayout.SIZE, path, "data file header");
    Frame.check(page, DataLayout.MAGIC, DataLayout.VERSION, "data file header", path, 0);
    UUID found =
        new UUID(
              page.getLong(DataLayout.REGION_OFFSET), page.getLong(DataLayout.REGION_OFFSET + 8));
    if (!found.equals(region) || page.getLong(DataLayout.GENERATION_OFFSET) != generation) {
      throw new DamageException(
          path, DataLayout.REGION_OFFSET,
          "data file is generation " + page.getLong(DataLayout.GENERATION_OFFSET) + " of region "
              + found + " instead of generation " + generation + " of region " + region);
    }
  }

  /** Writes a copy of a payload; its checksum. */
  int write(long offset, MemorySegment payload) {
    CRC32C crc = new CRC32C();
    if (payload.byteSize() > 0) {
      try {
        writer.write(
            offset, payload.byteSize(), (at, piece) -> Crc.copy(payload, at, piece, crc));
      } catch (MappingException e) {
        throw new OverflowException(
            "overflow: writing " + payload.byteSize() + " bytes failed: " + e.getMessage(), e);
      }
    }
    return (int) crc.getValue();
  }

  /**
   * Keeps a copy of a small payload to be written with others. Holds the region's lock.
   *
   * @return its checksum as an unsigned number, or {@link GatheredWrites#NONE} if it is to be
   *     {@linkplain #write written} by itself
   */
  long gather(long offset, MemorySegment payload) {
    return gathered.append(offset, payload);
  }

  /** Writes gathered payloads that nothing will be added to; without the region's lock. */
  void writeSealed() {
    gathered.writeSealed();
  }

  /** Writes all gathered payloads, to a file that is still there and whole. */
  void writeGathered() throws IOException {
    try {
      writer.check();
      gathered.writeAll();
    } catch (MappingException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  Pin pin(long offset, long size) {
    try {
      gathered.settle(offset);
    } catch (MappingException e) {
      throw new OverflowException("overflow: reading failed: " + e.getMessage(), e);
    }
    return mappings.pin(path, offset, size, MapMode.READ_ONLY, owner, field);
  }

  long capacity() {
    return capacity;
  }

  /**
   * Grows the file and reserves disk space for all of it before any of it is mapped, so that a full
   * disk is an exception here and never a fault later. Unchanged if that fails.
   */
  void grow(long bytes) {
    try {
      writer.extend(capacity, bytes);
    } catch (MappingException e) {
      throw new OverflowException(
          "overflow: growing the data file from " + capacity + " to " + bytes + " bytes failed: "
              + e.getMessage(),
          e);
    }
    capacity = bytes;
    mappings.advise(path, MapAdvice.RANDOM);
  }

  void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    writer.close();
    channel.close();
  }
}
