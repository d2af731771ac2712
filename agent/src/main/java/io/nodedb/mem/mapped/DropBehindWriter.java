package io.nodedb.mem.mapped;

import io.nodedb.mem.MappingException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * Writes a file from its beginning in one go, for bulk flushes: what is written is sent to the disk
 * as it comes and dropped from the page cache once it is there, so that a flush of any size neither
 * fills memory with dirty pages nor pushes out the pages that others work with.
 *
 * <p>How: after each half of {@code maxDirty}, writing that half to the disk is started
 * (sync_file_range); the half before it, by then mostly written, is waited for and dropped
 * (POSIX_FADV_DONTNEED). So at most {@code maxDirty} and one buffer are dirty or on their way, and
 * the disk is never idle while the next half is produced.
 *
 * <p>Not thread-safe. After a failed write the file's content past {@link #dropped} is undefined.
 */
public final class DropBehindWriter implements WritableByteChannel {
  private static final int BUFFER = 256 << 10;
  private static final long LEAST_CHUNK = 1L << 20;

  private final Path file;
  private final int fd;
  private final long chunk;
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER, 4096);
  private int buffered;
  private long written;
  private long started;
  private long dropped;
  private boolean closed;

  private DropBehindWriter(Path file, int fd, long chunk) {
    this.file = file;
    this.fd = fd;
    this.chunk = chunk;
  }

  /**
   * Creates a file, readable by its owner only, or empties an existing one.
   *
   * @param file the file
   * @param maxDirty most bytes written but not yet on the disk; at least 2 MiB are taken
   * @return the writer, to be closed
   * @throws MappingException if it can't be created
   */
  public static DropBehindWriter create(Path file, long maxDirty) {
    int flags = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_TRUNC;
    int fd = new PathOpener().open(file, flags, 0600);
    if (fd < 0) {
      throw Errors.of("create", file, fd);
    }
    return new DropBehindWriter(
        file, fd, WindowGrid.up(Math.max(LEAST_CHUNK, maxDirty / 2)));
  }

  /**
   * Appends bytes.
   *
   * @param bytes the bytes, in heap or native memory
   * @throws MappingException if the disk refuses
   */
  public void write(MemorySegment bytes) {
    checkOpen();
    long at = 0;
    while (at < bytes.byteSize()) {
      if (buffered == 0 && bytes.isNative() && bytes.byteSize() - at >= BUFFER) {
        long n = Math.min(chunk, bytes.byteSize() - at);
        writeOut(bytes.asSlice(at, n));
        at += n;
      } else {
        int n = (int) Math.min(BUFFER - buffered, bytes.byteSize() - at);
        MemorySegment.copy(bytes, at, buffer, buffered, n);
        buffered += n;
        at += n;
        if (buffered == BUFFER) {
          drain();
        }
      }
    }
  }

  /**
   * Appends a buffer's remaining bytes and moves its position to its limit.
   *
   * @param bytes the buffer
   * @return how many
   * @throws MappingException if the disk refuses
   */
  @Override
  public int write(ByteBuffer bytes) {
    int size = bytes.remaining();
    write(MemorySegment.ofBuffer(bytes));
    bytes.position(bytes.limit());
    return size;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  /**
   * Bytes appended so far.
   *
   * @return the size the file will have
   */
  public long position() {
    return written + buffered;
  }

  /**
   * Bytes from the beginning that are on the disk and out of the page cache.
   *
   * @return bytes
   */
  public long dropped() {
    return dropped;
  }

  /**
   * Waits until all that was appended is on the disk, and drops it.
   *
   * @throws MappingException if the disk refuses
   */
  public void sync() {
    checkOpen();
    drain();
    check("sync", LibC.fdatasync(fd));
    LibC.fadvise(fd, 0, written, LibC.FADV_DONTNEED);
    started = written / LibC.PAGE * LibC.PAGE;
    dropped = started;
  }

  private void drain() {
    if (buffered > 0) {
      MemorySegment bytes = buffer.asSlice(0, buffered);
      buffered = 0;
      writeOut(bytes);
    }
  }

  private void writeOut(MemorySegment bytes) {
    long at = 0;
    while (at < bytes.byteSize()) {
      long n = LibC.pwrite(fd, bytes.asSlice(at), written);
      if (n == -Errno.EINTR) {
        continue;
      }
      check("write at " + written + " to", n);
      at += n;
      written += n;
    }
    while (written - started >= chunk) {
      check("write back", LibC.syncFileRange(fd, started, chunk, LibC.SYNC_WRITE));
      dropUntil(started);
      started += chunk;
    }
  }

  private void dropUntil(long end) {
    if (end > dropped) {
      int wait = LibC.SYNC_WAIT_BEFORE | LibC.SYNC_WRITE | LibC.SYNC_WAIT_AFTER;
      check("write back", LibC.syncFileRange(fd, dropped, end - dropped, wait));
      LibC.fadvise(fd, dropped, end - dropped, LibC.FADV_DONTNEED);
      dropped = end;
    }
  }

  private void check(String doing, long result) {
    if (result < 0) {
      throw Errors.of(doing, file, result);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("writer of " + file + " is closed");
    }
  }

  /** Syncs and closes. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      sync();
    } finally {
      closed = true;
      LibC.close(fd);
    }
  }
}
