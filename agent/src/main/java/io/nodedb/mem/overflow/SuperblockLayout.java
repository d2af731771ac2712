package io.nodedb.mem.overflow;

import static io.nodedb.mem.overflow.Layout.field;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The superblock: who the region is and which checkpoint was the latest when it was written. The
 * file holds two places of 4 KiB; sequence n goes to place n mod 2, so that a torn write leaves the
 * other.
 *
 * <pre>
 *   0        16             32         40           48        56          60        64
 *   +--------+--------------+----------+------------+---------+-----------+---------+-----+
 *   | frame  | region UUID  | sequence | checkpoint | created | alignment | entries | 0   |
 *   +--------+--------------+----------+------------+---------+-----------+---------+-----+
 * </pre>
 *
 * @param region the region's identity
 * @param sequence grows by one with every write
 * @param checkpoint the latest durable checkpoint
 * @param created milliseconds since 1970
 */
record SuperblockLayout(UUID region, long sequence, long checkpoint, long created) {
  static final String FILE = "superblock";
  static final long MAGIC = Frame.magic("NMOVSUPR");
  static final int VERSION = 1;
  static final int SIZE = 4096;
  static final int PLACES = 2;

  static final int REGION_OFFSET = 16;
  static final int SEQUENCE_OFFSET = 32;
  static final int CHECKPOINT_OFFSET = 40;
  static final int CREATED_OFFSET = 48;
  static final int ALIGNMENT_OFFSET = 56;
  static final int ENTRIES_OFFSET = 60;
  static final int RESERVED_OFFSET = 64;

  static final Layout LAYOUT =
      Layout.of(
          "superblock", SIZE,
          field("magic", Frame.MAGIC_OFFSET, 8, "`NMOVSUPR`"),
          field("version", Frame.VERSION_OFFSET, 4, "1"),
          field("crc", Frame.CRC_OFFSET, 4, "CRC32C of all other bytes; commits"),
          field("region", REGION_OFFSET, 16, "UUID, high half first"),
          field("sequence", SEQUENCE_OFFSET, 8, "grows by 1; n is at place n mod 2"),
          field("checkpoint", CHECKPOINT_OFFSET, 8, "the latest durable checkpoint"),
          field("created", CREATED_OFFSET, 8, "milliseconds since 1970"),
          field("alignment", ALIGNMENT_OFFSET, 4, "of payloads: 16"),
          field("entries", ENTRIES_OFFSET, 4, "per object page: 127"),
          field("reserved", RESERVED_OFFSET, SIZE - RESERVED_OFFSET, "0"));

  ByteBuffer encode() {
    ByteBuffer b = Frame.allocate(SIZE);
    b.putLong(REGION_OFFSET, region.getMostSignificantBits());
    b.putLong(REGION_OFFSET + 8, region.getLeastSignificantBits());
    b.putLong(SEQUENCE_OFFSET, sequence);
    b.putLong(CHECKPOINT_OFFSET, checkpoint);
    b.putLong(CREATED_OFFSET, created);
    b.putInt(ALIGNMENT_OFFSET, DataLayout.ALIGNMENT);
    b.putInt(ENTRIES_OFFSET, ObjectPageLayout.ENTRIES);
    Frame.seal(b, MAGIC, VERSION);
    return b;
  }

  /** Reads a checked buffer. */
  static SuperblockLayout decode(ByteBuffer b) {
    return new SuperblockLayout(
        new UUID(b.getLong(REGION_OFFSET), b.getLong(REGION_OFFSET + 8)),
        b.getLong(SEQUENCE_OFFSET),
        b.getLong(CHECKPOINT_OFFSET),
        b.getLong(CREATED_OFFSET));
  }
}
