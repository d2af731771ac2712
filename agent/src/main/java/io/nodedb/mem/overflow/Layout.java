package io.nodedb.mem.overflow;

import java.util.List;

/**
 * The byte layout of one structure, for the document of the formats and for the tests. The offsets
 * themselves are constants of the class that reads and writes the structure.
 *
 * @param name the structure
 * @param size bytes of the whole
 * @param fields its fields, in order, without gaps
 */
record Layout(String name, int size, List<Field> fields) {
  /**
   * One field.
   *
   * @param name the field
   * @param offset bytes from the start of the structure
   * @param size bytes
   * @param meaning what is in it
   */
  record Field(String name, int offset, int size, String meaning) {}

  /** Checks that the fields cover the structure without gaps and overlaps. */
  Layout {
    int at = 0;
    for (Field field : fields) {
      if (field.offset() != at) {
        throw new IllegalArgumentException(
            name + "." + field.name() + ": offset " + field.offset() + " (expected: " + at + ")");
      }
      at += field.size();
    }
    if (at != size) {
      throw new IllegalArgumentException(name + ": size " + size + " (expected: " + at + ")");
    }
  }

  static Layout of(String name, int size, Field... fields) {
    return new Layout(name, size, List.of(fields));
  }

  static Field field(String name, int offset, int size, String meaning) {
    return new Field(name, offset, size, meaning);
  }

  /** All structures, in the order of the document. */
  static List<Layout> all() {
    return List.of(
        SuperblockLayout.LAYOUT,
        ManifestLayout.HEADER,
        ManifestLayout.ENTRY,
        DataLayout.LAYOUT,
        CheckpointLayout.LAYOUT,
        CheckpointLayout.ENGINE,
        ObjectPageLayout.LAYOUT,
        ObjectPageLayout.ENTRY,
        LogLayout.HEADER,
        LogLayout.SLOT_RECORD,
        LogLayout.ENGINE_RECORD);
  }
}
