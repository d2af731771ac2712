package io.nodedb.mem.overflow;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C, the only checksum of the formats. */
final class Crc {
  /** A ByteBuffer over a segment holds at most this much. */
  private static final long CHUNK = 1L << 30;

  /** Half of a small first-level cache. */
  private static final int PIECE = 16 << 10;

  private Crc() {}

  /** The checksum of a segment. */
  static int of(MemorySegment segment) {
    CRC32C crc = new CRC32C();
    long size = segment.byteSize();
    if (size <= CHUNK) {
      crc.update(segment.asByteBuffer());
    } else {
      for (long at = 0; at < size; at += CHUNK) {
        crc.update(segment.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer());
      }
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
