package io.nodedb.mem.overflow;

import static io.nodedb.mem.overflow.Layout.field;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A checkpoint file: a header page, then the object table in pages of 4 KiB, page p at
 * 4096 x (p + 1). The header is written last, after the pages are durable.
 *
 * <pre>
 *   0       16       32       40       48        56        64     68     72    80
 *   +-------+--------+--------+--------+---------+---------+------+------+-----+
 *   | frame | region | seq    | created| firstLog| startLsn| pages| slots| live|  ...
 *   +-------+--------+--------+--------+---------+---------+------+------+-----+
 *   80           88       96       104       108       256
 *   +-----------+--------+--------+---------+---------+--------------------+
 *   | live bytes| data   | dataEnd| engines | 0       | 64 x engine (48)   |
 *   +-----------+--------+--------+---------+---------+--------------------+
 * </pre>
 *
 * @param region the region's identity
 * @param sequence the checkpoint's number
 * @param created milliseconds since 1970
 * @param firstLog the log that starts where this ends
 * @param startLsn the first log sequence number that is not in it
 * @param pages object pages that follow
 * @param slots indexes in use or used once; the table's length
 * @param liveSlots slots that hold a payload
 * @param liveBytes bytes of their payloads
 * @param data the generation of the data file
 * @param dataEnd end of the last payload in the data file
 * @param engines names; an engine's number is its place
 */
record CheckpointLayout(
    UUID region,
    long sequence,
    long created,
    long firstLog,
    long startLsn,
    int pages,
    int slots,
    long liveSlots,
    long liveBytes,
    long data,
    long dataEnd,
    List<String> engines) {
  static final long MAGIC = Frame.magic("NMOVCKPT");
  static final int VERSION = 1;
  static final int SIZE = 4096;

  /** Most engines of a region. */
  static final int MAX_ENGINES = 64;

  /** Most bytes of an engine's name in UTF-8: what a log record has room for. */
  static final int MAX_NAME = 40;

  static final int REGION_OFFSET = 16;
  static final int SEQUENCE_OFFSET = 32;
  static final int CREATED_OFFSET = 40;
  static final int FIRST_LOG_OFFSET = 48;
  static final int START_LSN_OFFSET = 56;
  static final int PAGES_OFFSET = 64;
  static final int SLOTS_OFFSET = 68;
  static final int LIVE_SLOTS_OFFSET = 72;
  static final int LIVE_BYTES_OFFSET = 80;
  static final int DATA_OFFSET = 88;
  static final int DATA_END_OFFSET = 96;
  static final int ENGINE_COUNT_OFFSET = 104;
  static final int RESERVED_OFFSET = 108;
  static final int ENGINES_OFFSET = 256;
  static final int TAIL_OFFSET = ENGINES_OFFSET + MAX_ENGINES * 48;

  static final int ENGINE_LENGTH_OFFSET = 0;
  static final int ENGINE_NAME_OFFSET = 2;
  static final int ENGINE_PAD_OFFSET = 42;
  static final int ENGINE_SIZE = 48;

  static final Layout LAYOUT =
      Layout.of(
          "checkpoint header", SIZE,
          field("magic", Frame.MAGIC_OFFSET, 8, "`NMOVCKPT`"),
          field("version", Frame.VERSION_OFFSET, 4, "1"),
          field("crc", Frame.CRC_OFFSET, 4, "CRC32C of all other bytes of the page; commits"),
          field("region", REGION_OFFSET, 16, "UUID, high half first"),
          field("sequence", SEQUENCE_OFFSET, 8, "the checkpoint's number, as in the file's name"),
          field("created", CREATED_OFFSET, 8, "milliseconds since 1970"),
          field("firstLog", FIRST_LOG_OFFSET, 8, "the log that starts where this ends"),
          field("startLsn", START_LSN_OFFSET, 8, "first log sequence number that is not in it"),
          field("pages", PAGES_OFFSET, 4, "object pages that follow"),
          field("slots", SLOTS_OFFSET, 4, "entries of the table, live or free"),
          field("liveSlots", LIVE_SLOTS_OFFSET, 8, "slots that hold a payload"),
          field("liveBytes", LIVE_BYTES_OFFSET, 8, "bytes of their payloads"),
          field("data", DATA_OFFSET, 8, "generation of the data file"),
          field("dataEnd", DATA_END_OFFSET, 8, "end of the last payload in the data file"),
          field("engineCount", ENGINE_COUNT_OFFSET, 4, "engines in use"),
          field("reserved", RESERVED_OFFSET, ENGINES_OFFSET - RESERVED_OFFSET, "0"),
          field("engines", ENGINES_OFFSET, MAX_ENGINES * ENGINE_SIZE, "64 engine names"),
          field("reserved", TAIL_OFFSET, SIZE - TAIL_OFFSET, "0"));

  static final Layout ENGINE =
      Layout.of(
          "engine name", ENGINE_SIZE,
          field("length", ENGINE_LENGTH_OFFSET, 2, "bytes of the name"),
          field("name", ENGINE_NAME_OFFSET, MAX_NAME, "UTF-8, then zeros"),
          field("reserved", ENGINE_PAD_OFFSET, ENGINE_SIZE - ENGINE_PAD_OFFSET, "0"));

  /** Where an object page is in the file. */
  static long pageOffset(int page) {
    return SIZE + (long) page * ObjectPageLayout.SIZE;
  }

  ByteBuffer encode() {
    ByteBuffer b = Frame.allocate(SIZE);
    b.putLong(REGION_OFFSET, region.getMostSignificantBits());
    b.putLong(REGION_OFFSET + 8, region.getLeastSignificantBits());
    b.putLong(SEQUENCE_OFFSET, sequence);
    b.putLong(CREATED_OFFSET, created);
    b.putLong(FIRST_LOG_OFFSET, firstLog);
    b.putLong(START_LSN_OFFSET, startLsn);
    b.putInt(PAGES_OFFSET, pages);
    b.putInt(SLOTS_OFFSET, slots);
    b.putLong(LIVE_SLOTS_OFFSET, liveSlots);
    b.putLong(LIVE_BYTES_OFFSET, liveBytes);
    b.putLong(DATA_OFFSET, data);
    b.putLong(DATA_END_OFFSET, dataEnd);
    b.putInt(ENGINE_COUNT_OFFSET, engines.size());
    int at = ENGINES_OFFSET;
    for (String engine : engines) {
      byte[] name = engine.getBytes(StandardCharsets.UTF_8);
      b.putShort(at + ENGINE_LENGTH_OFFSET, (short) name.length);
      b.put(at + ENGINE_NAME_OFFSET, name);
      at += ENGINE_SIZE;
    }
    Frame.seal(b, MAGIC, VERSION);
    return b;
  }

  /**
   * Checks and reads a header.
   *
   * @throws DamageException if it is not one
   */
  static CheckpointLayout decode(ByteBuffer b, Path file) {
    Frame.check(b, MAGIC, VERSION, "checkpoint header", file, 0);
    int count = b.getInt(ENGINE_COUNT_OFFSET);
    List<String> engines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = ENGINES_OFFSET + i * ENGINE_SIZE;
      byte[] name = new byte[b.getShort(at + ENGINE_LENGTH_OFFSET)];
      b.get(at + ENGINE_NAME_OFFSET, name);
      engines.add(new String(name, StandardCharsets.UTF_8));
    }
    return new CheckpointLayout(
        new UUID(b.getLong(REGION_OFFSET), b.getLong(REGION_OFFSET + 8)),
        b.getLong(SEQUENCE_OFFSET),
        b.getLong(CREATED_OFFSET),
        b.getLong(FIRST_LOG_OFFSET),
        b.getLong(START_LSN_OFFSET),
        b.getInt(PAGES_OFFSET),
        b.getInt(SLOTS_OFFSET),
        b.getLong(LIVE_SLOTS_OFFSET),
        b.getLong(LIVE_BYTES_OFFSET),
        b.getLong(DATA_OFFSET),
        b.getLong(DATA_END_OFFSET),
        List.copyOf(engines));
  }
}
