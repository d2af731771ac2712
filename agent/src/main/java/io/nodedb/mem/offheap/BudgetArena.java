package io.nodedb.mem.offheap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An arena whose memory is an engine's. Segments belong to the scope of a JDK arena that allocates
 * nothing itself: so the JDK checks every access, and access after close raises as with its own
 * arenas.
 *
 * <p>Close ends that scope first, which fails if a segment is in use by a native call or another
 * thread owns the arena, and frees then. In a shared arena an allocation that races with close is
 * either in the list in time to be freed by it, or finds the arena closed and is freed by itself.
 */
final class BudgetArena implements Arena {
  private final EngineHeap heap;
  private final Arena life;
  private final BlockList blocks;
  private final boolean zero;

  /** Null if any thread may allocate. */
  private final Thread owner;

  /** The owner's. */
  private final ThreadCell ownCell;

  private final EndOfLife.Ticket leak;

  /** Confined: the owner's alone. Else guarded by {@code blocks}. */
  private boolean closed;

  private BudgetArena(
      EngineHeap heap, Arena life, Thread owner, boolean zero, LeakWatch leaks, boolean auto) {
    this.heap = heap;
    this.life = life;
    this.owner = owner;
    this.ownCell = owner == null ? null : heap.ledger().cell();
    this.zero = zero;
    this.blocks = new BlockList(heap);
    this.leak =
        auto
            ? leaks.ends().watch(life.scope(), blocks::freeAll)
            : leaks.watch(life.scope(), blocks);
  }

  static BudgetArena confined(EngineHeap heap, boolean zero, LeakWatch leaks) {
    return new BudgetArena(heap, Arena.ofConfined(), Thread.currentThread(), zero, leaks, false);
  }

  static BudgetArena shared(EngineHeap heap, boolean zero, LeakWatch leaks) {
    return new BudgetArena(heap, Arena.ofShared(), null, zero, leaks, false);
  }

  /** Freed when it is unreachable; cannot be closed. */
  static BudgetArena automatic(EngineHeap heap, boolean zero, LeakWatch leaks) {
    return new BudgetArena(heap, Arena.ofAuto(), null, zero, leaks, true);
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
      blocks.add(address, byteSize, byteAlignment);
    } else {
      ThreadCell cell = heap.ledger().cell();
      address = heap.allocate(cell, byteSize, byteAlignment, zero);
      keep(cell, address, byteSize, byteAlignment);
    }
    return segment(address, byteSize, life);
  }

  @Override
  public MemorySegment.Scope scope() {
    return life.scope();
  }

  @Override
  public void close() {
    life.close();
    if (leak != null) {
      leak.cancel();
    }
    if (owner != null) {
      closed = true;
      blocks.freeAll();
    } else {
      synchronized (blocks) {
        closed = true;
        blocks.freeAll();
      }
    }
  }

  @SuppressWarnings("restricted")
  static MemorySegment segment(long address, long size, Arena life) {
    return MemorySegment.ofAddress(address).reinterpret(size, life, null);
  }

  private void keep(ThreadCell cell, long address, long size, long alignment) {
    boolean kept = false;
    try {
      synchronized (blocks) {
        requireOpen();
        blocks.reserve();
        blocks.add(address, size, alignment);
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
      throw new IllegalStateException("arena of engine '" + blocks.engine() + "' is closed");
    }
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "arena of engine '" + blocks.engine() + "' is confined to " + owner);
    }
  }
}
