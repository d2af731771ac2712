package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a checkpoint, and reads one from beginning to end. Stateless. */
final class CheckpointFile {
  private static final int PAGES_AT_ONCE = 256;

  /** Is told of every entry that is live, or was once. */
  interface Visitor {
    /**
     * One entry.
     *
     * @param index its index
     * @param live whether it holds a payload
     * @param entry what it holds; only the generation if it is not live
     */
    void entry(int index, boolean live, TablePage.Entry entry);
  }

  private CheckpointFile() {}

  /** Writes a checkpoint under its name, durably: pages, then the header, then the name. */
  static int write(RegionFiles files, CheckpointLayout header, TablePage[] pages)
      throws IOException {
    Path path = files.checkpoint(header.sequence());
    ByteBuffer head = header.encode();
    try (FileChannel channel = files.createTemporary(path)) {
      ByteBuffer buffer = Frame.allocate(PAGES_AT_ONCE * ObjectPageLayout.SIZE);
      for (int first = 0; first < pages.length; first += PAGES_AT_ONCE) {
        buffer.clear();
        int last = Math.min(first + PAGES_AT_ONCE, pages.length);
        for (int page = first; page < last; page++) {
          pages[page].encode(buffer, page, header.sequence());
        }
        RegionFiles.writeFully(channel, buffer.flip(), CheckpointLayout.pageOffset(first));
      }
      channel.force(false);
      RegionFiles.writeFully(channel, head.duplicate(), 0);
      channel.force(false);
    }
    files.publish(path);
    return head.getInt(Frame.CRC_OFFSET);
  }

  /**
   * Opens a checkpoint and checks its header, its length and that it is the one the manifest means.
   *
   * @return the header; the channel is the caller's
   */
  static CheckpointLayout header(
      FileChannel channel, Path path, UUID region, ManifestLayout.Entry entry)
      throws IOException {
    ByteBuffer page =
        RegionFiles.readFully(channel, 0, CheckpointLayout.SIZE, path, "checkpoint header");
    CheckpointLayout header = CheckpointLayout.decode(page, path);
    if (!header.region().equals(region)
        || header.sequence() != entry.checkpoint()
        || page.getInt(Frame.CRC_OFFSET) != entry.headerCrc()) {
      throw new DamageException(
          path, 0,
          "checkpoint " + header.sequence() + " of region " + header.region()
              + " is not the one the manifest names (checkpoint " + entry.checkpoint()
              + " of region " + region + ")");
    }
    long expected = CheckpointLayout.pageOffset(header.pages());
    if (channel.size() != expected) {
      throw new DamageException(
          path, Math.min(channel.size(), expected),
          "checkpoint is " + channel.size() + " bytes long instead of " + expected);
    }
    return header;
  }

  /** Reads a checkpoint that the manifest names, checking every page. */
  static CheckpointLayout read(
      RegionFiles files, UUID region, ManifestLayout.Entry entry, Visitor visitor)
      throws IOException {
    Path path = files.checkpoint(entry.checkpoint());
    try (FileChannel channel = files.open(path, StandardOpenOption.READ)) {
      CheckpointLayout header = header(channel, path, region, entry);
      for (int first = 0; first < header.pages(); first += PAGES_AT_ONCE) {
        int count = Math.min(PAGES_AT_ONCE, header.pages() - first);
        ByteBuffer pages =
            RegionFiles.readFully(
                channel, CheckpointLayout.pageOffset(first), count * ObjectPageLayout.SIZE, path,
                "object page");
        for (int i = 0; i < count; i++) {
          ByteBuffer page =
              pages.slice(i * ObjectPageLayout.SIZE, ObjectPageLayout.SIZE).order(pages.order());
          checkPage(page, path, first + i, header.sequence());
          visit(page, first + i, header.slots(), visitor);
        }
      }
      return header;
    }
  }

  /** Checks one page's frame and that it is the page it should be. */
  static void checkPage(ByteBuffer page, Path path, int number, long sequence) {
    long at = CheckpointLayout.pageOffset(number);
    Frame.check(
        page, ObjectPageLayout.MAGIC, ObjectPageLayout.VERSION, "object page " + number, path, at);
    if (page.getInt(ObjectPageLayout.PAGE_OFFSET) != number
        || page.getLong(ObjectPageLayout.SEQUENCE_OFFSET) != sequence) {
      throw new DamageException(
          path, at,
          "object page " + page.getInt(ObjectPageLayout.PAGE_OFFSET) + " of checkpoint "
              + page.getLong(ObjectPageLayout.SEQUENCE_OFFSET) + " is in the place of page "
              + number + " of checkpoint " + sequence);
    }
  }

  /** Reads one entry of a page; its birth is unknown. */
  static TablePage.Entry entry(ByteBuffer page, int at) {
    return new TablePage.Entry(
        page.getInt(at + ObjectPageLayout.ENTRY_GENERATION_OFFSET),
        page.getLong(at + ObjectPageLayout.ENTRY_OFFSET_OFFSET),
        page.getLong(at + ObjectPageLayout.ENTRY_SIZE_OFFSET),
        page.getInt(at + ObjectPageLayout.ENTRY_CRC_OFFSET),
        page.getShort(at + ObjectPageLayout.ENTRY_ENGINE_OFFSET),
        0);
  }

  /** Visits the entries of one page. */
  static void visit(ByteBuffer page, int number, int slots, Visitor visitor) {
    int firstIndex = number * ObjectPageLayout.ENTRIES;
    int count = Math.min(ObjectPageLayout.ENTRIES, slots - firstIndex);
    for (int i = 0; i < count; i++) {
      int at = ObjectPageLayout.entryOffset(i);
      TablePage.Entry entry = entry(page, at);
      boolean live = page.get(at + ObjectPageLayout.ENTRY_STATE_OFFSET) == ObjectPageLayout.LIVE;
      visitor.entry(firstIndex + i, live, entry);
    }
  }
}
