package io.nodedb.mem.overflow;

import static io.nodedb.mem.overflow.Layout.field;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The manifest: which checkpoints there are. Replaced as a whole by renaming a new file over it; a
 * header and one entry for each retained checkpoint, oldest first.
 *
 * <pre>
 *   0        16             32         40      44   48
 *   +--------+--------------+----------+-------+----+----------------------+
 *   | frame  | region UUID  | sequence | count | 0  | count x entry (32)   |
 *   +--------+--------------+----------+-------+----+----------------------+
 * </pre>
 *
 * @param region the region's identity
 * @param sequence grows by one with every manifest
 * @param entries the retained checkpoints, oldest first, never empty
 */
record ManifestLayout(UUID region, long sequence, List<Entry> entries) {
  /**
   * One retained checkpoint.
   *
   * @param checkpoint its sequence number, which names its file
   * @param firstLog the log that starts where it ends
   * @param data the generation of the data file it refers to
   * @param headerCrc the CRC in its header: ties the file to this entry
   */
  record Entry(long checkpoint, long firstLog, long data, int headerCrc) {}

  static final String FILE = "MANIFEST";
  static final long MAGIC = Frame.magic("NMOVMANI");
  static final int VERSION = 1;

  static final int REGION_OFFSET = 16;
  static final int SEQUENCE_OFFSET = 32;
  static final int COUNT_OFFSET = 40;
  static final int RESERVED_OFFSET = 44;
  static final int HEADER_SIZE = 48;

  static final int ENTRY_CHECKPOINT_OFFSET = 0;
  static final int ENTRY_LOG_OFFSET = 8;
  static final int ENTRY_DATA_OFFSET = 16;
  static final int ENTRY_CRC_OFFSET = 24;
  static final int ENTRY_RESERVED_OFFSET = 28;
  static final int ENTRY_SIZE = 32;

  /** More would be a damaged length: 16 retained and one leased by each of many readers. */
  static final int MAX_ENTRIES = 4096;

  static final Layout HEADER =
      Layout.of(
          "manifest header", HEADER_SIZE,
          field("magic", Frame.MAGIC_OFFSET, 8, "`NMOVMANI`"),
          field("version", Frame.VERSION_OFFSET, 4, "1"),
          field("crc", Frame.CRC_OFFSET, 4, "CRC32C of all other bytes of the file; commits"),
          field("region", REGION_OFFSET, 16, "UUID, high half first"),
          field("sequence", SEQUENCE_OFFSET, 8, "grows by 1 with every manifest"),
          field("count", COUNT_OFFSET, 4, "entries that follow, oldest checkpoint first"),
          field("reserved", RESERVED_OFFSET, 4, "0"));

  static final Layout ENTRY =
      Layout.of(
          "manifest entry", ENTRY_SIZE,
          field("checkpoint", ENTRY_CHECKPOINT_OFFSET, 8, "sequence number, names the file"),
          field("firstLog", ENTRY_LOG_OFFSET, 8, "the log that starts where it ends"),
          field("data", ENTRY_DATA_OFFSET, 8, "generation of the data file"),
          field("headerCrc", ENTRY_CRC_OFFSET, 4, "the CRC in the checkpoint's header"),
          field("reserved", ENTRY_RESERVED_OFFSET, 4, "0"));

  /** The latest checkpoint. */
  Entry latest() {
    return entries.getLast();
  }

  ByteBuffer encode() {
    ByteBuffer b = Frame.allocate(HEADER_SIZE + entries.size() * ENTRY_SIZE);
    b.putLong(REGION_OFFSET, region.getMostSignificantBits());
    b.putLong(REGION_OFFSET + 8, region.getLeastSignificantBits());
    b.putLong(SEQUENCE_OFFSET, sequence);
    b.putInt(COUNT_OFFSET, entries.size());
    int at = HEADER_SIZE;
    for (Entry entry : entries) {
      b.putLong(at + ENTRY_CHECKPOINT_OFFSET, entry.checkpoint());
      b.putLong(at + ENTRY_LOG_OFFSET, entry.firstLog());
      b.putLong(at + ENTRY_DATA_OFFSET, entry.data());
      b.putInt(at + ENTRY_CRC_OFFSET, entry.headerCrc());
      at += ENTRY_SIZE;
    }
    Frame.seal(b, MAGIC, VERSION);
    return b;
  }

  /**
   * Checks and reads a whole file.
   *
   * @throws DamageException if it is not a manifest
   */
  static ManifestLayout decode(ByteBuffer b, Path file) {
    if (b.limit() < HEADER_SIZE + ENTRY_SIZE
        || b.limit() > HEADER_SIZE + MAX_ENTRIES * ENTRY_SIZE) {
      throw new DamageException(file, 0, "manifest is " + b.limit() + " bytes long");
    }
    Frame.check(b, MAGIC, VERSION, "manifest", file, 0);
    int count = b.getInt(COUNT_OFFSET);
    if (b.limit() != HEADER_SIZE + count * ENTRY_SIZE) {
      throw new DamageException(
          file, COUNT_OFFSET, "manifest of " + b.limit() + " bytes states " + count + " entries");
    }
    List<Entry> entries = new ArrayList<>(count);
    for (int at = HEADER_SIZE; at < b.limit(); at += ENTRY_SIZE) {
      entries.add(
          new Entry(
              b.getLong(at + ENTRY_CHECKPOINT_OFFSET),
              b.getLong(at + ENTRY_LOG_OFFSET),
              b.getLong(at + ENTRY_DATA_OFFSET),
              b.getInt(at + ENTRY_CRC_OFFSET)));
    }
    return new ManifestLayout(
        new UUID(b.getLong(REGION_OFFSET), b.getLong(REGION_OFFSET + 8)),
        b.getLong(SEQUENCE_OFFSET),
        List.copyOf(entries));
  }
}
