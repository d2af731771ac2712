package io.nodedb.mem.blocks;

import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Registration;
import io.nodedb.mem.SpillContext;
import io.nodedb.mem.blocks.SpillablePieces.Piece;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes that are appended and read back, in blocks: when memory is wanted the oldest full blocks are
 * written out; the one being filled stays. Thread-safe.
 */
public final class SpillableBuffer implements AutoCloseable {
  private final int blockBytes;
  private final SpillablePieces pieces;
  private final Registration registration;

  /** Guarded by the pieces' lock, as are the next. */
  private final List<Piece> blocks = new ArrayList<>();

  private long length;
  private int firstInMemory;

  /**
   * Makes an empty one.
   *
   * @param engine whose budget it keeps to
   * @param store takes what is spilled; stays open
   * @param blockBytes how much is allocated and written out at a time; at least 1
   */
  public SpillableBuffer(String engine, SpillStore store, int blockBytes) {
    if (blockBytes < 1) {
      throw new IllegalArgumentException("blockBytes: " + blockBytes + " (expected: 1 or more)");
    }
    this.blockBytes = blockBytes;
    this.pieces = SpillablePieces.of("buffer", engine, store, Long.BYTES);
    this.registration = MemoryGovernor.get().registerSpillable(engine, this::spill);
  }

  /**
   * Appends bytes.
   *
   * @param bytes what to append
   * @return where they begin
   * @throws io.nodedb.mem.BudgetExceededException if there is no memory even after spilling; nothing
   *     is appended then
   */
  public long append(MemorySegment bytes) {
    pieces.lock();
    try {
      pieces.requireOpen();
      long size = bytes.byteSize();
      int before = blocks.size();
      try {
        while ((long) blocks.size() * blockBytes < length + size) {
          blocks.add(pieces.allocate(blockBytes));
        }
      } catch (RuntimeException | Error e) {
        while (blocks.size() > before) {
          pieces.free(blocks.removeLast());
        }
        throw e;
      }
      long at = length;
      for (long done = 0; done < size; ) {
        long offset = (at + done) % blockBytes;
        long part = Math.min(size - done, blockBytes - offset);
        MemorySegment block = pieces.data(blocks.get((int) ((at + done) / blockBytes)));
        MemorySegment.copy(bytes, done, block, offset, part);
        done += part;
      }
      length = at + size;
      return at;
    } finally {
      pieces.unlock();
    }
  }

  /**
   * Copies bytes out, from memory or from where they were spilled.
   *
   * @param from where they begin
   * @param into takes as many bytes as it has room for; there must be as many
   */
  public void read(long from, MemorySegment into) {
    pieces.lock();
    try {
      pieces.requireOpen();
      long size = into.byteSize();
      if (from < 0 || size > length - from) {
        throw new IndexOutOfBoundsException(
            "bytes " + from + " to " + (from + size) + " (expected: within " + length + ")");
      }
      for (long done = 0; done < size; ) {
        long offset = (from + done) % blockBytes;
        long part = Math.min(size - done, blockBytes - offset);
        Piece block = blocks.get((int) ((from + done) / blockBytes));
        pieces.read(block, offset, into.asSlice(done, part));
        done += part;
      }
    } finally {
      pieces.unlock();
    }
  }

  /**
   * How much was appended.
   *
   * @return bytes
   */
  public long length() {
    pieces.lock();
    try {
      return length;
    } finally {
      pieces.unlock();
    }
  }

  long spill(long bytesWanted, SpillContext context) {
    if (!pieces.tryLock()) {
      return 0;
    }
    try {
      long freed = 0;
      while (freed < bytesWanted
          && firstInMemory < length / blockBytes
          && !context.abandoned()) {
        freed += pieces.spill(blocks.get(firstInMemory));
        firstInMemory++;
      }
      return freed;
    } finally {
      pieces.unlock();
    }
  }

  /** Gives all memory back and frees what was spilled. Closing twice does nothing. */
  @Override
  public void close() {
    pieces.close(
        registration,
        () -> {
          blocks.subList(0, firstInMemory).forEach(pieces::free);
          blocks.clear();
        });
  }
}
