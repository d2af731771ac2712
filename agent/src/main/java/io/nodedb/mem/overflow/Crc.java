package io.nodedb.mem.overflow;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C, the only checksum of the formats. */
final class Crc {
  /** Half of a small first-level cache. */
  private static final int PIECE = 16 << 10;

  private Crc() {}

  /**
   * The checksum of a segment that may be mapped: of a copy, piece by piece. If the file was cut
   * short under the mapping, a copy raises {@link InternalError}, where the checksum's own code,
   * which the JVM does not expect to fault, would end the process.
   */
  static int ofMapped(MemorySegment segment) {
    CRC32C crc = new CRC32C();
    long size = segment.byteSize();
    byte[] piece = new byte[(int) Math.min(PIECE, size)];
    for (long at = 0; at < size; at += PIECE) {
      int length = (int) Math.min(PIECE, size - at);
      MemorySegment.copy(segment, JAVA_BYTE, at, piece, 0, length);
      crc.update(piece, 0, length);
    }
    return (int) crc.getValue();
  }

  /** Copies, and adds what was copied to a checksum while it is in the first-level cache. */
  static void copy(MemorySegment from, long offset, MemorySegment to, CRC32C crc) {
    int size = (int) to.byteSize();
    ByteBuffer copied = to.asByteBuffer();
    for (int at = 0; at < size; at += PIECE) {
      int length = Math.min(PIECE, size - at);
      MemorySegment.copy(from, offset + at, to, at, length);
      crc.update(copied.limit(at + length).position(at));
    }
  }

  /** The checksum of a range of a buffer, whose position and limit stay as they are. */
  static int of(ByteBuffer buffer, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }

  /** The checksum of two ranges of a buffer, one after the other. */
  static int of(ByteBuffer buffer, int from, int to, int from2, int to2) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().limit(to).position(from));
    crc.update(buffer.duplicate().limit(to2).position(from2));
    return (int) crc.getValue();
  }
}
