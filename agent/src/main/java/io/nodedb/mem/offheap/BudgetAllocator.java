package io.nodedb.mem.offheap;

import io.nodedb.mem.NativeAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An engine's allocator with explicit free. Scope and closing are as in {@link BudgetArena}.
 *
 * <p>A small block that the thread has at hand is handed out and taken back by {@link #allocate} and
 * {@link #free} themselves, all else by methods of their own. HotSpot puts a method into its callers
 * only if its own code is no larger than 2,500 bytes (InlineSmallCode), and each branch costs some 70;
 * put into them, the pair takes half the time, and the segment no heap.
 */
final class BudgetAllocator implements NativeAllocator {
  private final EngineHeap heap;
  private final Arena life;

  /** All there is to address, in the scope of {@code life}: a block is a slice of it. */
  private final MemorySegment space;

  private final BlockTable blocks;
  private final boolean zero;

  /** Null if any thread may use it. */
  private final Thread owner;

  /** The owner until it closes, null then: who is this needs no other check. Written by it alone. */
  private Thread user;

  private final EndOfLife.Ticket leak;

  /** The owner's. */
  private final ThreadCell ownCell;

  /** Confined: the owner's alone. Else guarded by {@code blocks}. */
  private boolean closed;

  BudgetAllocator(EngineHeap heap, boolean shared, boolean zero, LeakWatch leaks) {
    this.heap = heap;
    this.life = shared ? Arena.ofShared() : Arena.ofConfined();
    this.space = BudgetArena.segment(0, Long.MAX_VALUE, life);
    this.owner = shared ? null : Thread.currentThread();
    this.user = owner;
    this.ownCell = shared ? null : heap.ledger().cell();
    this.zero = zero;
    this.blocks = new BlockTable(heap);
    this.leak = leaks.watch(life.scope(), blocks);
  }

  @Override
  public String engine() {
    return blocks.engine();
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    long address = 0;
    if (SizeClasses.numbered(byteSize, byteAlignment) && Thread.currentThread() == user) {
      blocks.reserve();
      int number = heap.number(byteSize, byteAlignment);
      address = heap.takeAtHand(ownCell, number);
      if (address != 0) {
        blocks.put(address, byteSize, BlockList.pack(byteSize, byteAlignment, number));
      }
    }
    if (address == 0) {
      address = make(byteSize, byteAlignment);
    } else if (zero) {
      space.asSlice(address, byteSize).fill((byte) 0);
    }
    return space.asSlice(address, byteSize);
  }

  @Override
  public void free(MemorySegment block) {
    if (Thread.currentThread() == user) {
      long packed = blocks.remove(block);
      int number = BlockList.number(packed);
      if (number != 0) {
        heap.putAtHand(ownCell, number, block.address());
      } else {
        release(ownCell, block.address(), packed);
      }
    } else {
      freeShared(block);
    }
  }

  @Override
  public long allocated() {
    if (owner != null) {
      requireOwner();
    }
    synchronized (blocks) {
      return blocks.charged();
    }
  }

  @Override
  public void close() {
    life.close();
    if (leak != null) {
      leak.cancel();
    }
    user = null;
    synchronized (blocks) {
      closed = true;
      blocks.freeAll();
    }
  }

  /** A new block's address. */
  private long make(long size, long alignment) {
    Sizes.check(size, alignment);
    if (owner == null) {
      ThreadCell cell = heap.ledger().cell();
      long address = heap.allocate(cell, size, alignment, zero);
      keep(cell, address, size, alignment);
      return address;
    }
    requireOwner();
    requireOpen();
    blocks.reserve();
    long address = heap.allocate(ownCell, size, alignment, zero);
    blocks.put(address, size, heap.pack(size, alignment));
    return address;
  }

  private void freeShared(MemorySegment block) {
    if (owner != null) {
      requireOwner();
      requireOpen();
    }
    long packed;
    synchronized (blocks) {
      requireOpen();
      packed = blocks.remove(block);
    }
    release(heap.ledger().cell(), block.address(), packed);
  }

  private void release(ThreadCell cell, long address, long packed) {
    heap.free(cell, address, BlockList.size(packed), BlockList.alignment(packed));
  }

  private void keep(ThreadCell cell, long address, long size, long alignment) {
    boolean kept = false;
    try {
      synchronized (blocks) {
        requireOpen();
        blocks.reserve();
        blocks.put(address, size, heap.pack(size, alignment));
        kept = true;
      }
    } finally {
      if (!kept) {
        heap.free(cell, address, size, alignment);
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("allocator of engine '" + engine() + "' is closed");
    }
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "allocator of engine '" + engine() + "' is confined to " + owner);
    }
  }
}
