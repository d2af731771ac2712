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

  /**
   * Copies a payload and takes the checksum of the copy, piece by piece, so that each piece is still
   * in the cache when its checksum is taken.
   */
  static int copy(MemorySegment from, MemorySegment to) {
    CRC32C crc = new CRC32C();
    long size = to.byteSize();
    for (long base = 0; base < size; base += CHUNK) {
      int part = (int) Math.min(CHUNK, size - base);
      ByteBuffer copied = to.asSlice(base, part).asByteBuffer();
      for (int at = 0; at < part; at += PIECE) {
        int length = Math.min(PIECE, part - at);
        MemorySegment.copy(from, base + at, to, base + at, length);
        crc.update(copied.limit(at + length).position(at));
      }
    }
    return (int) crc.getValue();
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
