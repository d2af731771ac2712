package io.nodedb.mem.mapped;

import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes at places of a file without mapping them. New pages of a mapped file cost a fault each, and
 * two where the kernel first reads what was never written; a write call takes many at once. The
 * page cache is one: windows of the file show what was written as soon as {@link #write} returns.
 * It maps nothing, so no budget has to have room. Thread-safe; an interrupted caller harms nobody.
 */
public final class PositionalWriter implements AutoCloseable {
  /**
   * Bytes of a piece, which a second-level cache holds while it is prepared and written; large, as
   * the page cache takes few large folios sooner than many small ones.
   */
  public static final int PIECE = 256 << 10;

  /** Writes under way at a time; more wait. Bounds the native memory that pieces take. */
  private static final int MOST = 8;

  private final Path file;
  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final ArrayBlockingQueue<MemorySegment> pieces = new ArrayBlockingQueue<>(MOST);
  private final AtomicInteger made = new AtomicInteger();

  /** How long the file must be. Written by who extends it. */
  private volatile long length;

  /** Writers under way: the descriptor may not be closed, and its number given away, under them. */
  private final PinCount writing = new PinCount();

  private PositionalWriter(Path file, int fd, long length) {
    this.file = file;
    this.fd = fd;
    this.length = length;
  }

  /** Fills pieces. */
  @FunctionalInterface
  public interface Source {
    /**
     * Fills a piece.
     *
     * @param offset where the piece begins, from the beginning of what is written
     * @param piece to be filled; native memory, as long as the piece
     */
    void fill(long offset, MemorySegment piece);
  }

  /**
   * Opens a file that is there.
   *
   * @param file the file
   * @return the writer, to be closed
   * @throws MappingException if it can't be opened
   */
  public static PositionalWriter open(Path file) {
    int fd = new PathOpener().open(file, LibC.O_WRONLY, 0);
    if (fd < 0) {
      throw Errors.of("open", file, fd);
    }
    LibC.Stat stat = LibC.stat(fd);
    return new PositionalWriter(file, fd, stat == null ? 0 : stat.size());
  }

  /**
   * Writes bytes, piece by piece.
   *
   * @param offset where
   * @param size how many
   * @param source fills the pieces, in order, on this thread
   * @throws MappingException if the disk refuses, the file is not {@linkplain #check whole}, or the
   *     writer is closed; some may be written then
   */
  public void write(long offset, long size, Source source) {
    int cell = PinCount.cell();
    if (!writing.tryHold(cell)) {
      throw Errors.make(Reason.CLOSED, "write to", file, "its writer is closed");
    }
    try {
      requireWhole();
      MemorySegment buffer = take();
      try {
        for (long at = 0; at < size; at += PIECE) {
          MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, size - at));
          source.fill(at, piece);
          writeOut(piece, offset + at);
        }
      } finally {
        pieces.add(buffer);
      }
    } finally {
      writing.unpin(cell);
    }
  }

  /**
   * Writes native memory as it is.
   *
   * @param offset where
   * @param bytes what
   * @throws MappingException if the disk refuses, the file is not {@linkplain #check whole}, or the
   *     writer is closed; some may be written then
   */
  public void write(long offset, MemorySegment bytes) {
    int cell = PinCount.cell();
    if (!writing.tryHold(cell)) {
      throw Errors.make(Reason.CLOSED, "write to", file, "its writer is closed");
    }
    try {
      requireWhole();
      writeOut(bytes, offset);
    } finally {
      writing.unpin(cell);
    }
  }

  /**
   * Lends a piece to gather bytes in, which come to be written later.
   *
   * @return a piece, to be given back, or null if all are in use; gone when the writer is closed
   */
  public MemorySegment borrowPiece() {
    int cell = PinCount.cell();
    if (!writing.tryHold(cell)) {
      return null;
    }
    try {
      return takeIfAny();
    } finally {
      writing.unpin(cell);
    }
  }

  /**
   * Takes a borrowed piece back.
   *
   * @param piece the piece
   */
  public void giveBackPiece(MemorySegment piece) {
    pieces.add(piece);
  }

  private MemorySegment takeIfAny() {
    MemorySegment buffer = pieces.poll();
    if (buffer != null) {
      return buffer;
    }
    if (made.get() < MOST) {
      if (made.incrementAndGet() <= MOST) {
        return arena.allocate(PIECE, LibC.PAGE);
      }
      made.decrementAndGet();
    }
    return null;
  }

  private MemorySegment take() {
    MemorySegment buffer = takeIfAny();
    if (buffer != null) {
      return buffer;
    }
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return pieces.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Extends the file, its space reserved; a failure leaves it as it was.
   *
   * @param from its size
   * @param to its new size
   * @throws MappingException if the disk refuses
   */
  public void extend(long from, long to) {
    int cell = PinCount.cell();
    if (!writing.tryHold(cell)) {
      throw Errors.make(Reason.CLOSED, "extend", file, "its writer is closed");
    }
    try {
      requireWhole();
      int rc = LibC.allocate(fd, from, to - from, from);
      if (rc < 0) {
        LibC.ftruncate(fd, from);
        throw Errors.of("grow to " + to + " bytes", file, rc);
      }
      length = to;
    } finally {
      writing.unpin(cell);
    }
  }

  /**
   * Looks whether the file still has a name and all its bytes. Somebody who deletes it or cuts it
   * short is met by the next write this way, which would otherwise go to a file that nobody will
   * find again, or fill what was cut with holes.
   *
   * @throws MappingException if not
   */
  public void check() {
    int cell = PinCount.cell();
    if (!writing.tryHold(cell)) {
      throw Errors.make(Reason.CLOSED, "check", file, "its writer is closed");
    }
    try {
      requireWhole();
    } finally {
      writing.unpin(cell);
    }
  }

  private void requireWhole() {
    long least = length; // before the look: the file may be extended between the two
    LibC.Stat stat = LibC.stat(fd);
    if (stat == null) {
      return; // the call that follows says why
    }
    if (stat.links() == 0) {
      throw Errors.make(
          Reason.VANISHED, "write to", file, "the file was deleted or replaced: open it anew");
    }
    if (stat.size() < least) {
      throw Errors.make(
          Reason.TRUNCATED, "write to", file,
          "the file was cut from " + least + " to " + stat.size() + " bytes: restore it");
    }
  }

  private void writeOut(MemorySegment piece, long offset) {
    long at = 0;
    while (at < piece.byteSize()) {
      long n = LibC.pwrite(fd, piece.asSlice(at), offset + at);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n < 0) {
        throw Errors.of("write at " + (offset + at) + " to", file, n);
      }
      at += n;
    }
  }

  /** Waits for writers under way and closes. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (writing.isClosed()) {
      return;
    }
    while (!writing.tryClose()) {
      Thread.yield();
    }
    LibC.close(fd);
    arena.close();
  }
}
