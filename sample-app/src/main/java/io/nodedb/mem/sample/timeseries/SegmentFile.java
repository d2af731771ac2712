package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.sample.data.BadDataException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
final class SegmentFile {
  private static final int HEADER = 16;
  private static final int BUFFER = 1 << 16;

  private SegmentFile() {}

  /** Gets the chunks of a segment. */
  @FunctionalInterface
  interface Visitor {
    void chunk(int series, GorillaDecoder points) throws IOException;
  }

  /** Is told what was written, and may take its time. */
  @FunctionalInterface
  interface Pace {
    void wrote(int bytes) throws IOException;
  }

  static void write(Path file, Memtable table, Pace pace) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try (FileChannel channel = FileChannel.open(
        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int series = 0; series < table.series(); series++) {
        for (Chunk chunk : table.chunks(series)) {
          if (buffer.remaining() < HEADER + chunk.length()) {
            drain(buffer, channel, pace);
          }
          CRC32C crc = new CRC32C();
          crc.update(chunk.slab(), chunk.offset(), chunk.length());
          buffer.putInt(series).putInt(chunk.count()).putInt(chunk.length())
              .putInt((int) crc.getValue())
              .put(chunk.slab(), chunk.offset(), chunk.length());
        }
      }
      drain(buffer, channel, pace);
      channel.force(false);
    }
  }

  private static void drain(ByteBuffer buffer, FileChannel channel, Pace pace)
      throws IOException {
    buffer.flip();
    int bytes = buffer.remaining();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
    pace.wrote(bytes);
  }

  static void read(Path file, Visitor visitor) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
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
          throw new BadDataException(file, "a chunk of " + length + " bytes (expected: 1 to "
              + bytes.length + ")");
        }
        in.readFully(bytes, 0, length);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        if ((int) crc.getValue() != expected) {
          throw new BadDataException(file, "a chunk of series " + series + " is damaged");
        }
        visitor.chunk(series, new GorillaDecoder(new BitBuffer(bytes, 0, length), points));
      }
      if (got != 0) {
        throw new EOFException();
      }
    } catch (EOFException e) {
      throw new BadDataException(file, "ends in the middle of a chunk");
    }
  }
}
