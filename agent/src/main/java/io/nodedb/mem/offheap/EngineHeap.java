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

  /** What is left of a class's number: all of it, or 0 if threads keep nothing at hand. */
  private final int atHand;

  private EngineHeap(NativeLedger ledger, int place) {
    this.ledger = ledger;
    this.heap = ledger.heap();
    this.place = place;
    this.atHand = place == OF_THREAD && heap.classesNumbered() ? -1 : 0;
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
   * The class of a block that may be kept at hand.
   *
   * @param size of a block that is {@link SizeClasses#numbered}
   * @param alignment its alignment
   * @return its number, or 0
   */
  int number(long size, long alignment) {
    return SizeClasses.number(size, alignment) & atHand;
  }

  /**
   * A block that the thread has at hand, charged from what it holds ahead.
   *
   * @param number its class, or 0
   * @return its address; 0 if there is none
   */
  long takeAtHand(ThreadCell cell, int number) {
    long address = cell.magazine.pop(number);
    if (address != 0 && !cell.take(SizeClasses.bytes(number))) {
      cell.magazine.push(number, address);
      return 0;
    }
    return address;
  }

  /** Keeps a block at hand, and its charge with what is held ahead; or frees it. */
  void putAtHand(ThreadCell cell, int number, long address) {
    long bytes = SizeClasses.bytes(number);
    if (!cell.magazine.push(number, address)) {
      heap.free(address, bytes, 1, place(cell));
    }
    ledger.release(cell, bytes);
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
    long address = cell.magazine.pop(numberOrNone(size, alignment));
    if (address != 0) {
      return zero ? clear(address, bytes) : address;
    }
    return allocateAdmitted(cell, size, alignment, bytes, zero);
  }

  /** Frees a block. */
  void free(ThreadCell cell, long address, long size, long alignment) {
    ledger.release(cell, drop(cell, address, size, alignment));
  }

  /** Frees a block without releasing its charge. Returns the charge. */
  long drop(ThreadCell cell, long address, long size, long alignment) {
    long bytes = usable(size, alignment);
    int number = numberOrNone(size, alignment);
    if (number == 0 || !cell.magazine.push(number, address)) {
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

  /** A block's word, as in {@link BlockList}. */
  long pack(long size, long alignment) {
    return BlockList.pack(size, alignment, numberOrNone(size, alignment));
  }

  private int numberOrNone(long size, long alignment) {
    return SizeClasses.numbered(size, alignment) ? number(size, alignment) : 0;
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
