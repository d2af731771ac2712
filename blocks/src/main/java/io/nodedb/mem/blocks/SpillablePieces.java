package io.nodedb.mem.blocks;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.NativeAllocator;
import io.nodedb.mem.Registration;
import io.nodedb.mem.Spillable;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Pieces of native memory that may be in a store instead, under one lock, until they are closed.
 * Pieces are the lock holder's, but for {@link #allocate}.
 */
final class SpillablePieces {
  /** Some bytes: in memory while {@code data} is there, else in the store. */
  static final class Piece {
    private MemorySegment data;
    private long slot;

    boolean isInMemory() {
      return data != null;
    }
  }

  private final String what;
  private final SpillStore store;
  private final NativeAllocator memory;
  private final long alignment;

  /** A handler never waits for it: whoever holds it may be waiting for the handler. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private boolean closed;

  /**
   * Has none yet.
   *
   * @param what what is said to be closed when it is used after that
   * @param memory where pieces are; closed with this
   * @param store takes what is spilled; stays open
   * @param alignment of every piece in memory, in bytes
   */
  SpillablePieces(String what, NativeAllocator memory, SpillStore store, long alignment) {
    this.what = what;
    this.store = store;
    this.alignment = alignment;
    this.memory = memory;
  }

  /** Has none yet, and keeps to an engine's budget. */
  static SpillablePieces of(String what, String engine, SpillStore store, long alignment) {
    NativeAllocator memory =
        MemoryGovernor.get()
            .nativeMemory()
            .allocator(engine, ArenaOption.SHARED, ArenaOption.UNZEROED);
    return new SpillablePieces(what, memory, store, alignment);
  }

  void lock() {
    lock.lock();
  }

  /** For handlers. False if somebody else has the lock, or there is nothing any more. */
  boolean tryLock() {
    if (!lock.tryLock()) {
      return false;
    }
    if (closed) {
      lock.unlock();
      return false;
    }
    return true;
  }

  void unlock() {
    lock.unlock();
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the " + what + " is closed");
    }
  }

  /** A piece in memory, which belongs to the caller until others can find it. */
  Piece allocate(long bytes) {
    Piece piece = new Piece();
    piece.data = memory.allocate(bytes, alignment);
    return piece;
  }

  /** The bytes of a piece that is in memory. */
  MemorySegment data(Piece piece) {
    return piece.data;
  }

  /** Copies bytes out, wherever they are. */
  void read(Piece piece, long offset, MemorySegment into) {
    if (piece.data != null) {
      into.copyFrom(piece.data.asSlice(offset, into.byteSize()));
    } else if (into.byteSize() > 0) {
      store.read(piece.slot, offset, into);
    }
  }

  /** Writes a piece out that is in memory. How many bytes of memory that freed. */
  long spill(Piece piece) {
    piece.slot = store.write(piece.data);
    MemorySegment data = piece.data;
    piece.data = null;
    memory.free(data);
    return data.byteSize();
  }

  /** Gets a piece of so many bytes back that was written out; where that fails it stays there. */
  void restore(Piece piece, long bytes) {
    MemorySegment data = memory.allocate(bytes, alignment);
    try {
      store.read(piece.slot, 0, data);
      store.free(piece.slot);
    } catch (RuntimeException | Error e) {
      memory.free(data);
      throw e;
    }
    piece.data = data;
  }

  /** Frees a piece, wherever it is. */
  void free(Piece piece) {
    if (piece.data != null) {
      memory.free(piece.data);
    } else {
      store.free(piece.slot);
    }
  }

  /**
   * Gives all memory back, unless it was closed before; first, under the lock, frees the spilled,
   * whose store may refuse.
   */
  void close(Registration registration, Runnable freeing) {
    registration.close();
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        try {
          freeing.run();
        } finally {
          memory.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
