package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One writer. The operating system holds the lock for the process, so it is gone with it however
 * the process ends; the file stays and means nothing by itself. Its content, the holder's process
 * id, is for the message only.
 *
 * <p>A POSIX lock is the process's: closing any channel of the file would drop it. So the file is
 * opened here only, after the registry has said that this process does not hold it.
 */
final class WriterLock implements AutoCloseable {
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path key;
  private final FileChannel channel;

  private WriterLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws OverflowException if another writer holds it
   */
  static WriterLock take(RegionFiles files) throws IOException {
    Path key = files.directory.toRealPath();
    if (!HELD.add(key)) {
      throw held(files, "this process");
    }
    FileChannel channel = null;
    try {
      channel = files.openOrCreate(files.lock());
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw held(files, "process " + owner(channel));
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
      channel.truncate(0);
      RegionFiles.writeFully(channel, ByteBuffer.wrap(pid), 0);
      return new WriterLock(key, channel);
    } catch (OverlappingFileLockException e) {
      close(key, channel);
      OverflowException held = held(files, "this process, from another class loader");
      held.initCause(e);
      throw held;
    } catch (IOException | RuntimeException e) {
      close(key, channel);
      throw e;
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(20);
    channel.read(content, 0);
    return new String(content.array(), 0, content.position(), StandardCharsets.UTF_8);
  }

  private static OverflowException held(RegionFiles files, String by) {
    return new OverflowException(
        "overflow: region " + files.directory + " is open for writing in " + by
            + "; close it there, or open it read-only");
  }

  private static void close(Path key, FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD.remove(key);
    }
  }

  @Override
  public void close() throws IOException {
    close(key, channel);
  }
}
