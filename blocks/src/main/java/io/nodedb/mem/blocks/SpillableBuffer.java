package io.nodedb.mem.blocks;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.NativeAllocator;
import io.nodedb.mem.Registration;
import io.nodedb.mem.SpillContext;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes that are appended and read back, in blocks: when memory is wanted the oldest full blocks are
 * written out; the one being filled stays. Thread-safe.
 */
public final class SpillableBuffer implements AutoCloseable {
  /** A block: in memory while {@code data} is there, else in the store. */
  private static final class Block {
    MemorySegment data;
    long slot;

    Block(MemorySegment data) {
      this.data = data;
    }
  }

  private final SpillStore store;
  private final int blockBytes;
  private final NativeAllocator memory;
  private final Registration registration;

  /** A handler never waits for it: an appender may hold it while it waits for the handler. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock, as are the next. */
  private final List<Block> blocks = new ArrayList<>();

  private long length;
  private int firstInMemory;
  private boolean closed;

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
    this.store = store;
    this.blockBytes = blockBytes;
    MemoryGovernor governor = MemoryGovernor.get();
    this.memory =
        governor.nativeMemory().allocator(engine, ArenaOption.SHARED, ArenaOption.UNZEROED);
    this.registration = governor.registerSpillable(engine, this::spill);
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
    lock.lock();
    try {
      requireOpen();
      long size = bytes.byteSize();
      int before = blocks.size();
      try {
        while ((long) blocks.size() * blockBytes < length + size) {
          blocks.add(new Block(memory.allocate(blockBytes, Long.BYTES)));
        }
      } catch (RuntimeException | Error e) {
        while (blocks.size() > before) {
          memory.free(blocks.removeLast().data);
        }
        throw e;
      }
      long at = length;
      for (long done = 0; done < size; ) {
        long offset = (at + done) % blockBytes;
        long part = Math.min(size - done, blockBytes - offset);
        MemorySegment block = blocks.get((int) ((at + done) / blockBytes)).data;
        MemorySegment.copy(bytes, done, block, offset, part);
        done += part;
      }
      length = at + size;
      return at;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Copies bytes out, from memory or from where they were spilled.
   *
   * @param from where they begin
   * @param into takes as many bytes as it has room for; there must be as many
   */
  public void read(long from, MemorySegment into) {
    lock.lock();
    try {
      requireOpen();
      long size = into.byteSize();
      if (from < 0 || size > length - from) {
        throw new IndexOutOfBoundsException(
            "bytes " + from + " to " + (from + size) + " (expected: within " + length + ")");
      }
      for (long done = 0; done < size; ) {
        long offset = (from + done) % blockBytes;
        long part = Math.min(size - done, blockBytes - offset);
        Block block = blocks.get((int) ((from + done) / blockBytes));
        MemorySegment target = into.asSlice(done, part);
        if (block.data != null) {
          target.copyFrom(block.data.asSlice(offset, part));
        } else {
          store.read(block.slot, offset, target);
        }
        done += part;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * How much was appended.
   *
   * @return bytes
   */
  public long length() {
    lock.lock();
    try {
      return length;
    } finally {
      lock.unlock();
    }
  }

  long spill(long bytesWanted, SpillContext context) {
    if (!lock.tryLock()) {
      return 0;
    }
    try {
      long freed = 0;
      while (!closed
          && freed < bytesWanted
          && firstInMemory < length / blockBytes
          && !context.abandoned()) {
        Block block = blocks.get(firstInMemory);
        block.slot = store.write(block.data);
        MemorySegment data = block.data;
        block.data = null;
        firstInMemory++;
        memory.free(data);
        freed += blockBytes;
      }
      return freed;
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the buffer is closed");
    }
  }

  /** Gives all memory back and frees what was spilled. Closing twice does nothing. */
  @Override
  public void close() {
    registration.close();
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        for (Block block : blocks.subList(0, firstInMemory)) {
          store.free(block.slot);
        }
        blocks.clear();
        memory.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
