package io.nodedb.mem.sample.wal;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.engine.Meter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An append log with group commit. Thread-safe.
 *
 * <p>Appenders copy their record into the filling buffer under the lock. Whoever finds no commit
 * under way becomes the leader: it swaps the buffers, writes and forces the full one without the
 * lock, and wakes all whose records were in it; meanwhile the others fill the other buffer. So one
 * force serves everyone who came while the force before it ran.
 */
public final class WriteAheadLog implements AutoCloseable {
  private static final int BUFFER = 1 << 20;
  private static final long FILE_SIZE = 16 << 20;

  private final Path directory;
  private final boolean force;
  private final Meter meter;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition committed = lock.newCondition();

  // All below: guarded by lock; the leader alone uses the channel and the buffer it has taken.
  private FileChannel channel;
  private long channelBytes;
  private ByteBuffer filling;
  private ByteBuffer spare;
  private long next;
  private long durable = -1;
  private boolean leading;
  private IOException broken;

  /**
   * Starts an empty log.
   *
   * @param directory an empty directory
   * @param force whether a commit waits for the device, not only for the operating system
   * @param meter gets the time of each append
   * @throws IOException if the first file cannot be made
   */
  @EngineBudget(Engines.WAL)
  public WriteAheadLog(Path directory, boolean force, Meter meter) throws IOException {
    this.directory = directory;
    this.force = force;
    this.meter = meter;
    filling = ByteBuffer.allocateDirect(BUFFER);
    spare = ByteBuffer.allocateDirect(BUFFER);
    channel = open(0);
  }

  /**
   * Appends a record and returns once it is committed.
   *
   * @param payload 1 byte to 512 KiB
   * @return the record's number
   * @throws IOException if this or an earlier commit failed; the log takes nothing more then
   */
  @EngineBudget(Engines.WAL)
  public long append(byte[] payload) throws IOException {
    if (payload.length < 1 || payload.length > LogFormat.MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "payload: " + payload.length + " bytes (expected: 1 to " + LogFormat.MAX_PAYLOAD + ")");
    }
    long start = System.nanoTime();
    lock.lock();
    try {
      while (filling.remaining() < LogFormat.HEADER + payload.length) {
        commitOrWait();
      }
      checkUsable();
      long number = next++;
      LogFormat.put(filling, number, payload);
      while (durable < number) {
        commitOrWait();
      }
      meter.done(System.nanoTime() - start);
      return number;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The number of the newest record that was appended.
   *
   * @return the number, -1 if there is none
   */
  public long last() {
    lock.lock();
    try {
      return next - 1;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops the files that hold no record after the given one.
   *
   * @param number a record whose content is safe elsewhere, as that of all before it
   * @throws IOException if a file cannot be deleted
   */
  @EngineBudget(Engines.WAL)
  public void truncate(long number) throws IOException {
    List<Path> files = LogReader.files(directory);
    for (int i = 0; i + 1 < files.size() && LogReader.number(files.get(i + 1)) <= number + 1; i++) {
      Files.delete(files.get(i));
    }
  }

  private void commitOrWait() throws IOException {
    checkUsable();
    if (leading) {
      committed.awaitUninterruptibly();
      return;
    }
    leading = true;
    ByteBuffer taken = filling;
    filling = spare;
    long last = next - 1;
    IOException failure = new IOException("a commit was cut off");
    lock.unlock();
    try {
      write(taken, last + 1);
      failure = null;
    } catch (IOException e) {
      failure = e;
    } finally {
      lock.lock();
      spare = taken.clear();
      leading = false;
      broken = failure;
      if (failure == null) {
        durable = last;
      }
      committed.signalAll();
    }
  }

  private void write(ByteBuffer bytes, long nextNumber) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channelBytes += channel.write(bytes);
    }
    if (force) {
      channel.force(false);
    }
    if (channelBytes >= FILE_SIZE) {
      channel.close();
      channel = open(nextNumber);
      channelBytes = 0;
    }
  }

  private FileChannel open(long firstNumber) throws IOException {
    return FileChannel.open(directory.resolve(LogFormat.fileName(firstNumber)),
        StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private void checkUsable() throws IOException {
    if (broken != null) {
      throw new IOException("log " + directory + ": a commit failed earlier", broken);
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      broken = new IOException("closed");
      channel.close();
    } finally {
      lock.unlock();
    }
  }
}
