package io.nodedb.mem.overflow;

import static io.nodedb.mem.overflow.Layout.field;

/**
 * A page of the object table: the entry of index i is entry i mod 127 of page i / 127, so a reader
 * finds it without searching or copying, and checks one page's CRC when it first touches that page.
 *
 * <pre>
 *   page:   0        16     20      24         32
 *           +--------+------+-------+----------+----------------------+
 *           | frame  | page | 0     | sequence | 127 x entry (32)     |
 *           +--------+------+-------+----------+----------------------+
 *
 *   entry:  0        8        16           20     24       26      27     32
 *           +--------+--------+------------+------+--------+-------+------+
 *           | offset | size   | generation | crc  | engine | state | 0    |
 *           +--------+--------+------------+------+--------+-------+------+
 * </pre>
 */
final class ObjectPageLayout {
  static final long MAGIC = Frame.magic("NMOVOBJP");
  static final int VERSION = 1;
  static final int SIZE = 4096;
  static final int ENTRIES = 127;

  static final int PAGE_OFFSET = 16;
  static final int RESERVED_OFFSET = 20;
  static final int SEQUENCE_OFFSET = 24;
  static final int ENTRIES_OFFSET = 32;

  static final int ENTRY_OFFSET_OFFSET = 0;
  static final int ENTRY_SIZE_OFFSET = 8;
  static final int ENTRY_GENERATION_OFFSET = 16;
  static final int ENTRY_CRC_OFFSET = 20;
  static final int ENTRY_ENGINE_OFFSET = 24;
  static final int ENTRY_STATE_OFFSET = 26;
  static final int ENTRY_RESERVED_OFFSET = 27;
  static final int ENTRY_SIZE = 32;

  /** State of an index that was never used, or was freed. */
  static final byte FREE = 0;

  /** State of an index that holds a payload. */
  static final byte LIVE = 1;

  static final Layout LAYOUT =
      Layout.of(
          "object page", SIZE,
          field("magic", Frame.MAGIC_OFFSET, 8, "`NMOVOBJP`"),
          field("version", Frame.VERSION_OFFSET, 4, "1"),
          field("crc", Frame.CRC_OFFSET, 4, "CRC32C of all other bytes of the page; commits"),
          field("page", PAGE_OFFSET, 4, "number of the page: 0, 1, ..."),
          field("reserved", RESERVED_OFFSET, 4, "0"),
          field("sequence", SEQUENCE_OFFSET, 8, "the checkpoint it belongs to"),
          field("entries", ENTRIES_OFFSET, ENTRIES * ENTRY_SIZE, "127 object entries"));

  static final Layout ENTRY =
      Layout.of(
          "object entry", ENTRY_SIZE,
          field("offset", ENTRY_OFFSET_OFFSET, 8, "of the payload in the data file"),
          field("size", ENTRY_SIZE_OFFSET, 8, "of the payload in bytes"),
          field("generation", ENTRY_GENERATION_OFFSET, 4, "1 to 1048575; kept when freed"),
          field("crc", ENTRY_CRC_OFFSET, 4, "CRC32C of the payload"),
          field("engine", ENTRY_ENGINE_OFFSET, 2, "number of the engine, see checkpoint header"),
          field("state", ENTRY_STATE_OFFSET, 1, "0 free, 1 live"),
          field("reserved", ENTRY_RESERVED_OFFSET, 5, "0"));

  private ObjectPageLayout() {}

  static int pageOf(int index) {
    return index / ENTRIES;
  }

  static int entryOf(int index) {
    return index % ENTRIES;
  }

  /** Where an entry starts in its page. */
  static int entryOffset(int entry) {
    return ENTRIES_OFFSET + entry * ENTRY_SIZE;
  }

  /** Pages for so many entries. */
  static int pages(int slots) {
    return (slots + ENTRIES - 1) / ENTRIES;
  }
}
