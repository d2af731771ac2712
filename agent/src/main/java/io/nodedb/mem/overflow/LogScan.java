package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Reads one log. Stops at the first record that does not check: before the durable mark that is
 * damage, behind it a torn tail.
 *
 * @param path the log
 * @param number its number
 * @param startLsn the number of its first record
 * @param records the records that check, in order
 * @param durable how many of them are known to have been forced
 * @param followed whether another log must follow
 * @param tornBytes bytes behind the last good record that are not zero to the end of the file
 */
record LogScan(
    Path path,
    long number,
    long startLsn,
    List<Item> records,
    int durable,
    boolean followed,
    long tornBytes) {
  /**
   * One record.
   *
   * @param type write, free or engine
   * @param index of the slot, or number of the engine
   * @param generation of the slot
   * @param offset of the payload
   * @param size of the payload
   * @param crc of the payload
   * @param engine number of the engine
   * @param name the engine's name, or null
   */
  record Item(
      byte type,
      int index,
      int generation,
      long offset,
      long size,
      int crc,
      int engine,
      String name) {}

  private static final int BUFFER = 16384 * LogLayout.RECORD_SIZE;

  /** Where a record is in the file. */
  static long offsetOf(long record) {
    return LogLayout.HEADER_PAGE + record * LogLayout.RECORD_SIZE;
  }

  /**
   * Reads a log.
   *
   * @throws DamageException if its header or a record before the mark does not check
   */
  static LogScan read(RegionFiles files, UUID region, long number) throws IOException {
    Path path = files.log(number);
    try (FileChannel channel = files.open(path, StandardOpenOption.READ)) {
      ByteBuffer page =
          RegionFiles.readFully(channel, 0, LogLayout.HEADER_PAGE, path, "log header");
      long mark = page.getLong(LogLayout.DURABLE_OFFSET);
      page.limit(LogLayout.FRAME_SIZE);
      Frame.check(page, LogLayout.MAGIC, LogLayout.VERSION, "log header", path, 0);
      UUID found =
          new UUID(
              page.getLong(LogLayout.REGION_OFFSET), page.getLong(LogLayout.REGION_OFFSET + 8));
      if (!found.equals(region) || page.getLong(LogLayout.NUMBER_OFFSET) != number) {
        throw new DamageException(
            path, LogLayout.REGION_OFFSET,
            "log is number " + page.getLong(LogLayout.NUMBER_OFFSET) + " of region " + found
                + " instead of number " + number + " of region " + region);
      }
      if (!LogLayout.durableValid(region, number, mark)) {
        throw new DamageException(
            path, LogLayout.DURABLE_OFFSET,
            "durable mark 0x" + Long.toHexString(mark) + " of the log does not check");
      }
      return records(
          channel, path, number, page.getLong(LogLayout.START_LSN_OFFSET),
          LogLayout.durableRecords(mark), LogLayout.durableFollowed(mark));
    }
  }

  private static LogScan records(
      FileChannel channel, Path path, long number, long startLsn, int durable, boolean followed)
      throws IOException {
    List<Item> items = new ArrayList<>();
    ByteBuffer buffer = Frame.allocate(BUFFER);
    long size = channel.size();
    boolean good = true;
    while (good) {
      buffer.clear();
      RegionFiles.readInto(channel, buffer, offsetOf(items.size()));
      buffer.flip();
      int at = 0;
      while (at + LogLayout.RECORD_SIZE <= buffer.limit()
          && LogLayout.recordValid(buffer, at)
          && buffer.getLong(at + LogLayout.LSN_OFFSET) == startLsn + items.size()) {
        items.add(item(buffer, at, path, offsetOf(items.size())));
        at += LogLayout.RECORD_SIZE;
      }
      good = at == BUFFER;
    }
    if (items.size() < durable) {
      throw new DamageException(
          path, offsetOf(items.size()),
          "log record " + items.size() + " of " + durable + " acknowledged ones is damaged or cut"
              + " off (file size " + size + ")");
    }
    return new LogScan(
        path, number, startLsn, items, durable, followed,
        Math.max(0, size - offsetOf(items.size())));
  }

  private static Item item(ByteBuffer b, int at, Path path, long offset) {
    byte type = b.get(at + LogLayout.TYPE_OFFSET);
    return switch (type) {
      case LogLayout.WRITE, LogLayout.FREE ->
          new Item(
              type,
              b.getInt(at + LogLayout.INDEX_OFFSET),
              b.getInt(at + LogLayout.GENERATION_OFFSET),
              b.getLong(at + LogLayout.PAYLOAD_OFFSET),
              b.getLong(at + LogLayout.SIZE_OFFSET),
              b.getInt(at + LogLayout.PAYLOAD_CRC_OFFSET),
              b.getShort(at + LogLayout.ENGINE_OFFSET),
              null);
      case LogLayout.ENGINE -> {
        byte[] name = new byte[b.getShort(at + LogLayout.NAME_LENGTH_OFFSET)];
        b.get(at + LogLayout.NAME_OFFSET, name);
        yield new Item(
            type, b.getShort(at + LogLayout.ENGINE_NUMBER_OFFSET), 0, 0, 0, 0, 0,
            new String(name, StandardCharsets.UTF_8));
      }
      default -> throw new DamageException(path, offset, "log record has type " + type);
    };
  }

  /** The same, cut off after so many records. */
  LogScan cut(int count) {
    return new LogScan(
        path, number, startLsn, records.subList(0, count), Math.min(durable, count), followed,
        tornBytes + (long) (records.size() - count) * LogLayout.RECORD_SIZE);
  }
}
