package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** What the writer and the readers of a region say and check alike. Stateless. */
final class Payloads {
  private Payloads() {}

  /**
   * Compares a payload with its CRC.
   *
   * @throws DamageException if they differ, or the file does not reach so far any more
   */
  static void check(MemorySegment payload, TablePage.Entry entry, Path file, long slot) {
    int computed;
    try {
      computed = Crc.ofMapped(payload);
    } catch (InternalError e) {
      DamageException damage =
          new DamageException(
              file, entry.offset(),
              "payload of slot " + SlotId.show(slot) + ", " + entry.size()
                  + " bytes, can't be read: the file was cut short or its disk fails");
      damage.initCause(e);
      throw damage;
    }
    if (computed != entry.crc()) {
      throw new DamageException(
          file, entry.offset(),
          "payload of slot " + SlotId.show(slot) + ", " + entry.size() + " bytes, is damaged:"
              + " CRC32C 0x" + Integer.toHexString(computed) + " instead of 0x"
              + Integer.toHexString(entry.crc()));
    }
  }

  static void requireTag(long slot, int tag, RegionFiles files) {
    if (slot <= 0 || SlotId.tag(slot) != tag) {
      throw new OverflowException(
          "overflow: slot " + SlotId.show(slot) + " is not of region " + files.directory
              + ", whose tag is " + tag + "; use the region that wrote it");
    }
  }

  /** What to say of a slot that is not live, given the generation its index had last. */
  static OverflowException unknown(long slot, int generation, RegionFiles files) {
    String why = generation >= SlotId.generation(slot) ? "was freed" : "is unknown";
    return new OverflowException(
        "overflow: slot " + SlotId.show(slot) + " " + why + " in region " + files.directory
            + "; use slots that write returned and free was not called for");
  }

  static OverflowException closed(RegionFiles files) {
    return new OverflowException(
        "overflow: region " + files.directory + " is closed; open it again");
  }
}
