package io.nodedb.mem.sample.wal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout of a log: files named by the number of their first record ({@code %016x.wal}), each a
 * run of records, big-endian.
 *
 * <pre>
 *   offset  0  int32  length of the payload, 1 to {@link #MAX_PAYLOAD}
 *           4  int32  CRC32C over everything from offset 8
 *           8  int64  number, one more than the record before
 *          16  bytes  payload
 * </pre>
 */
final class LogFormat {
  static final int HEADER = 16;
  static final int MAX_PAYLOAD = 1 << 19;
  static final String SUFFIX = ".wal";

  private static final int CRC_AT = 4;
  private static final int NUMBER_AT = 8;

  private LogFormat() {}

  static String fileName(long firstNumber) {
    return String.format("%016x%s", firstNumber, SUFFIX);
  }

  static long firstNumber(String fileName) {
    return Long.parseLong(fileName.substring(0, fileName.length() - SUFFIX.length()), 16);
  }

  /** Writes a record at the buffer's position, which has room for it. */
  static void put(ByteBuffer buffer, long number, byte[] payload) {
    int start = buffer.position();
    buffer.putInt(payload.length).putInt(0).putLong(number).put(payload);
    buffer.putInt(start + CRC_AT, crc(buffer, start, payload.length));
  }

  /**
   * Looks at the record at a position.
   *
   * @param buffer the bytes of a file
   * @param start where the record starts
   * @param number the number it has to have
   * @return the length of its payload, or -1 if there is no whole, intact record of that number
   */
  static int check(ByteBuffer buffer, int start, long number) {
    if (buffer.limit() - start <= HEADER) {
      return -1;
    }
    int length = buffer.getInt(start);
    if (length < 1 || length > MAX_PAYLOAD || length > buffer.limit() - start - HEADER) {
      return -1;
    }
    boolean intact = buffer.getInt(start + CRC_AT) == crc(buffer, start, length)
        && buffer.getLong(start + NUMBER_AT) == number;
    return intact ? length : -1;
  }

  private static int crc(ByteBuffer buffer, int start, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.slice(start + NUMBER_AT, HEADER - NUMBER_AT + length));
    return (int) crc.getValue();
  }
}
