package io.nodedb.mem.offheap;

import io.nodedb.mem.BudgetExceededException;
import java.lang.foreign.MemorySegment;

/**
 * Charged blocks of one engine, or of one collection of an engine. A block is charged with what it
 * really takes, its size class, before it is allocated. Thread-safe; the cell passed in is the
 * current thread's.
 */
final class EngineHeap {
  private static final int OF_THREAD = -1;

  private final NativeLedger ledger;
  private final NativeHeap heap;
  private final int place;

  private EngineHeap(NativeLedger ledger, int place) {
    this.ledger = ledger;
    this.heap = ledger.heap();
    this.place = place;
  }

  /** On the engine's own arenas, through the threads' caches. */
  static EngineHeap ofEngine(NativeLedger ledger) {
    return new EngineHeap(ledger, OF_THREAD);
  }

  /** On one arena, through no cache, so that its figures are the collection's alone. */
  static EngineHeap ofArena(NativeLedger ledger, int arena) {
    return new EngineHeap(ledger, ledger.heap().place(arena, NativeHeap.NO_CACHE));
  }

  NativeLedger ledger() {
    return ledger;
  }

  /** What a block is charged with. */
  long usable(long size, long alignment) {
    return heap.usable(Math.max(1, size), alignment);
  }

  /**
   * Allocates a block.
   *
   * @param size 0 or more; an empty block takes as much as one byte does
   * @param alignment a power of two
   * @return its address
   * @throws BudgetExceededException if the budget refuses; nothing has changed then
   * @throws OutOfMemoryError if there is no memory; nothing has changed then
   */
  long allocate(ThreadCell cell, long size, long alignment, boolean zero) {
    long bytes = usable(size, alignment);
    ledger.admit(cell, bytes);
    if (cached(cell, bytes, alignment)) {
      long address = cell.magazine.pop(bytes);
      if (address != 0) {
        return zero ? clear(address, bytes) : address;
      }
    }
    return allocateAdmitted(cell, size, alignment, bytes, zero);
  }

  /** Frees a block without releasing its charge. Returns the charge. */
  long drop(ThreadCell cell, long address, long size, long alignment) {
    long bytes = usable(size, alignment);
    if (!cached(cell, bytes, alignment) || !cell.magazine.push(address, bytes)) {
      heap.free(address, Math.max(1, size), alignment, place(cell));
    }
    return bytes;
  }

  private long allocateAdmitted(
      ThreadCell cell, long size, long alignment, long bytes, boolean zero) {
    long address = 0;
    try {
      address = heap.allocate(Math.max(1, size), alignment, place(cell), zero);
    } finally {
      if (address == 0) {
        ledger.release(cell, bytes);
      }
    }
    if (address == 0) {
      throw new OutOfMemoryError(
          "engine '" + ledger.engine() + "': the system has no " + size
              + " bytes of native memory (its budget would allow them; see ulimit -v and the"
              + " container's limit)");
    }
    return address;
  }

  /** Every class is aligned to 16 but the one of 8 bytes. */
  private boolean cached(ThreadCell cell, long bytes, long alignment) {
    return bytes <= Magazine.LARGEST
        && alignment <= 16
        && place == OF_THREAD
        && cell.magazine != null;
  }

  @SuppressWarnings("restricted")
  private static long clear(long address, long bytes) {
    MemorySegment.ofAddress(address).reinterpret(bytes).fill((byte) 0);
    return address;
  }

  private int place(ThreadCell cell) {
    return place == OF_THREAD ? cell.place : place;
  }
}
