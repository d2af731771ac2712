package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * The log that is being written. Records gather in a buffer; {@link #flush} writes them at their
 * place and may be repeated after it failed, {@link #force} makes them durable, {@link #mark} says
 * so. Appending and flushing are guarded by the region's lock, forcing and marking by the
 * committer's.
 */
final class DeltaLog implements AutoCloseable {
  /** Staged records from which on it is time to write them. */
  static final int MANY = 2048;

  /** Most staged records, 2 MiB: a force may take long, and nobody need wait for it meanwhile. */
  static final int MOST = 32_768;

  final long number;
  final long startLsn;
  private final UUID region;
  private final FileChannel channel;
  private final FileWatch watch;
  private ByteBuffer staging = Frame.allocate(2 * MANY * LogLayout.RECORD_SIZE);
  private final ByteBuffer word = Frame.allocate(8);
  private long written;

  private DeltaLog(
      UUID region, long number, long startLsn, FileChannel channel, FileWatch watch) {
    this.region = region;
    this.number = number;
    this.startLsn = startLsn;
    this.channel = channel;
    this.watch = watch;
  }

  /** Makes an empty log, durable under its name when this returns. */
  static DeltaLog create(RegionFiles files, UUID region, long number, long startLsn)
      throws IOException {
    Path path = files.log(number);
    files.replace(path, LogLayout.header(region, number, startLsn));
    FileWatch watch = new FileWatch(path);
    return new DeltaLog(
        region, number, startLsn, files.open(path, StandardOpenOption.WRITE), watch);
  }

  /** Records that can be appended before a flush. */
  int room() {
    return MOST - staged();
  }

  /** Records so far, flushed or not. */
  long records() {
    return written + staging.position() / LogLayout.RECORD_SIZE;
  }

  /** Records not flushed yet. */
  int staged() {
    return staging.position() / LogLayout.RECORD_SIZE;
  }

  /** The number the next record gets. */
  long nextLsn() {
    return startLsn + records();
  }

  long appendWrite(int index, TablePage.Entry entry) {
    int at = next();
    staging.putInt(at + LogLayout.INDEX_OFFSET, index);
    staging.putInt(at + LogLayout.GENERATION_OFFSET, entry.generation());
    staging.putLong(at + LogLayout.PAYLOAD_OFFSET, entry.offset());
    staging.putLong(at + LogLayout.SIZE_OFFSET, entry.size());
    staging.putInt(at + LogLayout.PAYLOAD_CRC_OFFSET, entry.crc());
    staging.putShort(at + LogLayout.ENGINE_OFFSET, (short) entry.engine());
    return seal(at, LogLayout.WRITE);
  }

  long appendFree(int index, int generation) {
    int at = next();
    staging.putInt(at + LogLayout.INDEX_OFFSET, index);
    staging.putInt(at + LogLayout.GENERATION_OFFSET, generation);
    return seal(at, LogLayout.FREE);
  }

  long appendEngine(int engine, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int at = next();
    staging.putShort(at + LogLayout.ENGINE_NUMBER_OFFSET, (short) engine);
    staging.putShort(at + LogLayout.NAME_LENGTH_OFFSET, (short) bytes.length);
    staging.put(at + LogLayout.NAME_OFFSET, bytes);
    return seal(at, LogLayout.ENGINE);
  }

  void flush() throws IOException {
    ByteBuffer out = staging.duplicate().flip();
    RegionFiles.writeFully(
        channel, out, LogLayout.HEADER_PAGE + written * LogLayout.RECORD_SIZE);
    written = records();
    staging.clear();
  }

  /** Checks that the file is there with all that was written; as flushing is guarded. */
  void check() throws IOException {
    watch.check(LogLayout.HEADER_PAGE + written * LogLayout.RECORD_SIZE);
  }

  void force() throws IOException {
    channel.force(false);
  }

  /** Says that so many records are forced, and whether another log follows. One atomic word. */
  void mark(long records, boolean followed) throws IOException {
    word.clear().putLong(0, LogLayout.durable(region, number, records, followed));
    RegionFiles.writeFully(channel, word, LogLayout.DURABLE_OFFSET);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private int next() {
    int at = staging.position();
    if (!staging.hasRemaining()) {
      int larger = (int) Math.min(2L * at, (long) MOST * LogLayout.RECORD_SIZE);
      staging = Frame.allocate(larger).put(staging.flip());
    }
    for (int i = 0; i < LogLayout.RECORD_SIZE; i += 8) {
      staging.putLong(at + i, 0);
    }
    return at;
  }

  private long seal(int at, byte type) {
    long lsn = nextLsn();
    LogLayout.sealRecord(staging, at, type, lsn);
    staging.position(at + LogLayout.RECORD_SIZE);
    return lsn;
  }
}
