package io.nodedb.mem.overflow;

import static io.nodedb.mem.overflow.Layout.field;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The data file: a header page, then payloads at multiples of 16 bytes. What is where is only in
 * the object table; each payload's CRC is in its table entry.
 *
 * <pre>
 *   0        16             32           40     4096
 *   +--------+--------------+------------+------+----------------------+
 *   | frame  | region UUID  | generation | 0    | payloads ...         |
 *   +--------+--------------+------------+------+----------------------+
 * </pre>
 */
final class DataLayout {
  static final long MAGIC = Frame.magic("NMOVDATA");
  static final int VERSION = 1;
  static final int SIZE = 4096;

  /** Payloads start at multiples of this. */
  static final int ALIGNMENT = 16;

  static final int REGION_OFFSET = 16;
  static final int GENERATION_OFFSET = 32;
  static final int RESERVED_OFFSET = 40;

  static final Layout LAYOUT =
      Layout.of(
          "data file header", SIZE,
          field("magic", Frame.MAGIC_OFFSET, 8, "`NMOVDATA`"),
          field("version", Frame.VERSION_OFFSET, 4, "1"),
          field("crc", Frame.CRC_OFFSET, 4, "CRC32C of all other bytes of the page; commits"),
          field("region", REGION_OFFSET, 16, "UUID, high half first"),
          field("generation", GENERATION_OFFSET, 8, "grows by 1 with every compaction"),
          field("reserved", RESERVED_OFFSET, SIZE - RESERVED_OFFSET, "0"));

  private DataLayout() {}

  static ByteBuffer encode(UUID region, long generation) {
    ByteBuffer b = Frame.allocate(SIZE);
    b.putLong(REGION_OFFSET, region.getMostSignificantBits());
    b.putLong(REGION_OFFSET + 8, region.getLeastSignificantBits());
    b.putLong(GENERATION_OFFSET, generation);
    Frame.seal(b, MAGIC, VERSION);
    return b;
  }

  /** Bytes an extent takes for a payload; an empty payload takes none. */
  static long aligned(long size) {
    return Math.addExact(size, ALIGNMENT - 1) & -ALIGNMENT;
  }
}
