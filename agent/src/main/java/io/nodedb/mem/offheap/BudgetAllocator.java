package io.nodedb.mem.offheap;

import io.nodedb.mem.NativeAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An engine's allocator with explicit free. Scope and closing are as in {@link BudgetArena}. */
final class BudgetAllocator implements NativeAllocator {
  private final EngineHeap heap;
  private final Arena life;
  private final BlockTable blocks;
  private final boolean zero;

  /** Null if any thread may use it. */
  private final Thread owner;

  private final EndOfLife.Ticket leak;

  /** The owner's. */
  private final ThreadCell ownCell;

  /** Confined: the owner's alone. Else guarded by {@code blocks}. */
  private boolean closed;

  BudgetAllocator(EngineHeap heap, boolean shared, boolean zero, LeakWatch leaks) {
    this.heap = heap;
    this.life = shared ? Arena.ofShared() : Arena.ofConfined();
    this.owner = shared ? null : Thread.currentThread();
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
    Sizes.check(byteSize, byteAlignment);
    long address;
    if (owner != null) {
      requireOwner();
      requireOpen();
      blocks.reserve();
      address = heap.allocate(ownCell, byteSize, byteAlignment, zero);
      blocks.put(address, byteSize, byteAlignment);
    } else {
      ThreadCell cell = heap.ledger().cell();
      address = heap.allocate(cell, byteSize, byteAlignment, zero);
      keep(cell, address, byteSize, byteAlignment);
    }
    return BudgetArena.segment(address, byteSize, life);
  }

  @Override
  public void free(MemorySegment block) {
    long address = block.address();
    long packed;
    ThreadCell cell;
    if (owner != null) {
      requireOwner();
      packed = remove(block, address);
      cell = ownCell;
    } else {
      cell = heap.ledger().cell();
      synchronized (blocks) {
        packed = remove(block, address);
      }
    }
    long bytes =
        heap.drop(cell, address, BlockList.size(packed), BlockList.alignment(packed));
    heap.ledger().release(cell, bytes);
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
    synchronized (blocks) {
      closed = true;
      blocks.freeAll();
    }
  }

  private long remove(MemorySegment block, long address) {
    requireOpen();
    long packed = blocks.remove(address, block.byteSize());
    if (packed < 0) {
      throw new IllegalArgumentException(
          "block: " + block + " (expected: a live block of this allocator of engine '" + engine()
              + "'; it may have been freed before, or be a slice)");
    }
    return packed;
  }

  private void keep(ThreadCell cell, long address, long size, long alignment) {
    boolean kept = false;
    try {
      synchronized (blocks) {
        requireOpen();
        blocks.reserve();
        blocks.put(address, size, alignment);
        kept = true;
      }
    } finally {
      if (!kept) {
        heap.ledger().release(cell, heap.drop(cell, address, size, alignment));
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
