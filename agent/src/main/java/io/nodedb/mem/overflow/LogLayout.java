package io.nodedb.mem.overflow;

import static io.nodedb.mem.overflow.Layout.field;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A delta log: a header page, then records of 64 bytes, numbered by log sequence number without
 * gaps through all logs of the region.
 *
 * <pre>
 *   header:  0        16             32          40         48      512       520    4096
 *            +--------+--------------+-----------+----------+-------+---------+------+---
 *            | frame  | region UUID  | log number| startLsn | 0     | durable | 0    | records
 *            +--------+--------------+-----------+----------+-------+---------+------+---
 *
 *   record:  0       2      3         4     8     16      20           24
 *            +-------+------+---------+-----+-----+-------+------------+---
 *            | magic | type | version | crc | lsn | index | generation | ...
 *            +-------+------+---------+-----+-----+-------+------------+---
 * </pre>
 *
 * The frame covers the header's first 512 bytes. The durable mark is one word, stored at once, with
 * a CRC of its own: how many records were forced, and whether another log follows. It is written
 * after the records are forced and before they are acknowledged, and is itself forced only with the
 * next group. So a record before the mark that does not check is damage; one behind it is a torn
 * tail.
 */
final class LogLayout {
  static final long MAGIC = Frame.magic("NMOVDLOG");
  static final int VERSION = 1;
  static final int HEADER_PAGE = 4096;

  /** What the header's frame covers. */
  static final int FRAME_SIZE = 512;

  static final int REGION_OFFSET = 16;
  static final int NUMBER_OFFSET = 32;
  static final int START_LSN_OFFSET = 40;
  static final int RESERVED_OFFSET = 48;
  static final int DURABLE_OFFSET = 512;
  static final int TAIL_OFFSET = 520;

  static final int RECORD_SIZE = 64;
  static final short RECORD_MAGIC = 0x4c52;
  static final byte RECORD_VERSION = 1;
  static final int MAGIC_OFFSET = 0;
  static final int TYPE_OFFSET = 2;
  static final int RECORD_VERSION_OFFSET = 3;
  static final int CRC_OFFSET = 4;
  static final int LSN_OFFSET = 8;

  static final int INDEX_OFFSET = 16;
  static final int GENERATION_OFFSET = 20;
  static final int PAYLOAD_OFFSET = 24;
  static final int SIZE_OFFSET = 32;
  static final int PAYLOAD_CRC_OFFSET = 40;
  static final int ENGINE_OFFSET = 44;
  static final int SLOT_RESERVED_OFFSET = 46;

  static final int ENGINE_NUMBER_OFFSET = 16;
  static final int NAME_LENGTH_OFFSET = 18;
  static final int ENGINE_RESERVED_OFFSET = 20;
  static final int NAME_OFFSET = 24;

  /** A slot was written. */
  static final byte WRITE = 1;

  /** A slot was freed; offset, size, crc and engine are 0. */
  static final byte FREE = 2;

  /** An engine got its number. */
  static final byte ENGINE = 3;

  static final Layout HEADER =
      Layout.of(
          "log header", HEADER_PAGE,
          field("magic", Frame.MAGIC_OFFSET, 8, "`NMOVDLOG`"),
          field("version", Frame.VERSION_OFFSET, 4, "1"),
          field("crc", Frame.CRC_OFFSET, 4, "CRC32C of the other bytes before 512; commits"),
          field("region", REGION_OFFSET, 16, "UUID, high half first"),
          field("number", NUMBER_OFFSET, 8, "number of the log, as in the file's name"),
          field("startLsn", START_LSN_OFFSET, 8, "log sequence number of its first record"),
          field("reserved", RESERVED_OFFSET, FRAME_SIZE - RESERVED_OFFSET, "0"),
          field(
              "durable", DURABLE_OFFSET, 8,
              "low half: forced records x 2, + 1 if another log follows; high half: CRC32C of"
                  + " region, number and low half"),
          field("unused", TAIL_OFFSET, HEADER_PAGE - TAIL_OFFSET, "0"));

  static final Layout SLOT_RECORD =
      Layout.of(
          "slot record", RECORD_SIZE,
          field("magic", MAGIC_OFFSET, 2, "`RL`"),
          field("type", TYPE_OFFSET, 1, "1 slot written, 2 slot freed"),
          field("version", RECORD_VERSION_OFFSET, 1, "1"),
          field("crc", CRC_OFFSET, 4, "CRC32C of all other bytes; commits"),
          field("lsn", LSN_OFFSET, 8, "log sequence number"),
          field("index", INDEX_OFFSET, 4, "of the slot in the object table"),
          field("generation", GENERATION_OFFSET, 4, "of the slot"),
          field("offset", PAYLOAD_OFFSET, 8, "of the payload in the data file"),
          field("size", SIZE_OFFSET, 8, "of the payload in bytes"),
          field("payloadCrc", PAYLOAD_CRC_OFFSET, 4, "CRC32C of the payload"),
          field("engine", ENGINE_OFFSET, 2, "number of the engine"),
          field("reserved", SLOT_RESERVED_OFFSET, RECORD_SIZE - SLOT_RESERVED_OFFSET, "0"));

  static final Layout ENGINE_RECORD =
      Layout.of(
          "engine record", RECORD_SIZE,
          field("magic", MAGIC_OFFSET, 2, "`RL`"),
          field("type", TYPE_OFFSET, 1, "3 engine named"),
          field("version", RECORD_VERSION_OFFSET, 1, "1"),
          field("crc", CRC_OFFSET, 4, "CRC32C of all other bytes; commits"),
          field("lsn", LSN_OFFSET, 8, "log sequence number"),
          field("engine", ENGINE_NUMBER_OFFSET, 2, "number of the engine"),
          field("length", NAME_LENGTH_OFFSET, 2, "bytes of the name"),
          field("reserved", ENGINE_RESERVED_OFFSET, 4, "0"),
          field("name", NAME_OFFSET, CheckpointLayout.MAX_NAME, "UTF-8, then zeros"));

  private LogLayout() {}

  static ByteBuffer header(UUID region, long number, long startLsn) {
    ByteBuffer page = Frame.allocate(HEADER_PAGE);
    page.putLong(REGION_OFFSET, region.getMostSignificantBits());
    page.putLong(REGION_OFFSET + 8, region.getLeastSignificantBits());
    page.putLong(NUMBER_OFFSET, number);
    page.putLong(START_LSN_OFFSET, startLsn);
    page.putLong(DURABLE_OFFSET, durable(region, number, 0, false));
    page.limit(FRAME_SIZE);
    Frame.seal(page, MAGIC, VERSION);
    return page.limit(HEADER_PAGE);
  }

  /** The durable mark. */
  static long durable(UUID region, long number, long records, boolean followed) {
    int low = Math.toIntExact(records) << 1 | (followed ? 1 : 0);
    return Integer.toUnsignedLong(low) | (long) markCrc(region, number, low) << 32;
  }

  static boolean durableValid(UUID region, long number, long mark) {
    return markCrc(region, number, (int) mark) == (int) (mark >>> 32);
  }

  static int durableRecords(long mark) {
    return (int) mark >>> 1;
  }

  static boolean durableFollowed(long mark) {
    return (mark & 1) != 0;
  }

  private static int markCrc(UUID region, long number, int low) {
    ByteBuffer b = Frame.allocate(28);
    b.putLong(region.getMostSignificantBits()).putLong(region.getLeastSignificantBits());
    b.putLong(number).putInt(low);
    return Crc.of(b, 0, 28);
  }

  /** Puts magic, type, version, number and, last, the CRC of the record at [at, at + 64). */
  static void sealRecord(ByteBuffer b, int at, byte type, long lsn) {
    b.putShort(at + MAGIC_OFFSET, RECORD_MAGIC);
    b.put(at + TYPE_OFFSET, type);
    b.put(at + RECORD_VERSION_OFFSET, RECORD_VERSION);
    b.putLong(at + LSN_OFFSET, lsn);
    b.putInt(at + CRC_OFFSET, recordCrc(b, at));
  }

  static boolean recordValid(ByteBuffer b, int at) {
    return b.getShort(at + MAGIC_OFFSET) == RECORD_MAGIC
        && b.get(at + RECORD_VERSION_OFFSET) == RECORD_VERSION
        && b.getInt(at + CRC_OFFSET) == recordCrc(b, at);
  }

  private static int recordCrc(ByteBuffer b, int at) {
    return Crc.of(b, at, at + CRC_OFFSET, at + LSN_OFFSET, at + RECORD_SIZE);
  }
}
