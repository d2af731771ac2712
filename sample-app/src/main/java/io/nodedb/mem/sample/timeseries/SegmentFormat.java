package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.sample.data.BadDataException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A flushed memtable: a run of chunks, big-endian, those of one series in the order they came.
 *
 * <pre>
 *   int32  series
 *   int32  points
 *   int32  length
 *   int32  CRC32C of the bytes that follow
 *   bytes  Gorilla-compressed points
 * </pre>
 */
final class SegmentFormat {
  private static final int HEADER = 16;

  /** What is handed over at once, in bytes. */
  static final int BLOCK = 1 << 16;

  private SegmentFormat() {}

  /** Gets the chunks of a segment. */
  @FunctionalInterface
  interface Visitor {
    void chunk(int series, GorillaDecoder points) throws IOException;
  }

  /** Takes runs of whole chunks. */
  @FunctionalInterface
  interface Sink {
    void block(ByteBuffer chunks) throws IOException;
  }

  /** Hands a memtable's chunks over in blocks of {@link #BLOCK} bytes at most. */
  static void write(Memtable table, Sink sink) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    for (int series = 0; series < table.series(); series++) {
      for (Chunk chunk : table.chunks(series)) {
        if (block.remaining() < HEADER + chunk.length()) {
          sink.block(block.flip());
          block.clear();
        }
        CRC32C crc = new CRC32C();
        crc.update(chunk.slab(), chunk.offset(), chunk.length());
        block.putInt(series).putInt(chunk.count()).putInt(chunk.length())
            .putInt((int) crc.getValue())
            .put(chunk.slab(), chunk.offset(), chunk.length());
      }
    }
    sink.block(block.flip());
  }

  /** Reads chunks to the end of a stream. */
  static void read(Object place, InputStream from, Visitor visitor) throws IOException {
    try (DataInputStream in = new DataInputStream(from)) {
      byte[] bytes = new byte[Slabs.Slice.BYTES];
      byte[] header = new byte[HEADER];
      int got;
      while ((got = in.readNBytes(header, 0, HEADER)) == HEADER) {
        ByteBuffer fields = ByteBuffer.wrap(header);
        int series = fields.getInt();
        int points = fields.getInt();
        int length = fields.getInt();
        int expected = fields.getInt();
        if (length < 1 || length > bytes.length) {
          throw new BadDataException(place, "a chunk of " + length + " bytes (expected: 1 to "
              + bytes.length + ")");
        }
        in.readFully(bytes, 0, length);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        if ((int) crc.getValue() != expected) {
          throw new BadDataException(place, "a chunk of series " + series + " is damaged");
        }
        visitor.chunk(series, new GorillaDecoder(new BitBuffer(bytes, 0, length), points));
      }
      if (got != 0) {
        throw new EOFException();
      }
    } catch (EOFException e) {
      throw new BadDataException(place, "ends in the middle of a chunk");
    }
  }
}
