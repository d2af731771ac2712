package io.nodedb.mem.overflow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What every structure but a log record starts with. Numbers are little-endian everywhere.
 *
 * <pre>
 *   0        8          12      16
 *   +--------+----------+-------+----------------+
 *   | magic  | version  | crc   | fields ...     |
 *   +--------+----------+-------+----------------+
 * </pre>
 *
 * The CRC32C covers all bytes of the structure but itself. It is the commit field: computed and put
 * last, so that a structure written in part does not pass for one.
 */
final class Frame {
  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int CRC_OFFSET = 12;

  /** Where a structure's own fields start. */
  static final int BODY_OFFSET = 16;

  private Frame() {}

  /** A magic number from eight ASCII letters, which are what a hex dump shows. */
  static long magic(String letters) {
    return ByteBuffer.wrap(letters.getBytes(StandardCharsets.US_ASCII))
        .order(ByteOrder.LITTLE_ENDIAN)
        .getLong();
  }

  static ByteBuffer allocate(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Puts magic, version and, last, the CRC. The structure is [0, limit). */
  static void seal(ByteBuffer buffer, long magic, int version) {
    buffer.putLong(MAGIC_OFFSET, magic);
    buffer.putInt(VERSION_OFFSET, version);
    buffer.putInt(CRC_OFFSET, crc(buffer));
  }

  /** Whether [0, limit) is such a structure; says nothing about why not. */
  static boolean valid(ByteBuffer buffer, long magic, int version) {
    return buffer.limit() >= BODY_OFFSET
        && buffer.getLong(MAGIC_OFFSET) == magic
        && buffer.getInt(VERSION_OFFSET) == version
        && buffer.getInt(CRC_OFFSET) == crc(buffer);
  }

  /**
   * Checks that [0, limit) is such a structure.
   *
   * @throws DamageException if not, saying what differs
   */
  static void check(
      ByteBuffer buffer, long magic, int version, String what, Path file, long offset) {
    long foundMagic = buffer.getLong(MAGIC_OFFSET);
    if (foundMagic != magic) {
      throw new DamageException(
          file, offset,
          what + " has magic 0x" + Long.toHexString(foundMagic) + " instead of 0x"
              + Long.toHexString(magic));
    }
    int stored = buffer.getInt(CRC_OFFSET);
    int computed = crc(buffer);
    int foundVersion = buffer.getInt(VERSION_OFFSET);
    if (foundVersion != version && stored == computed) {
      throw new DamageException(
          file, offset,
          what + " has version " + foundVersion + ", this program knows version " + version);
    }
    if (stored != computed) {
      throw new DamageException(
          file, offset,
          what + " is damaged: CRC32C 0x" + Integer.toHexString(computed) + " instead of 0x"
              + Integer.toHexString(stored));
    }
  }

  private static int crc(ByteBuffer buffer) {
    return Crc.of(buffer, 0, CRC_OFFSET, BODY_OFFSET, buffer.limit());
  }
}
