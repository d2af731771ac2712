package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;

/**
 * The memory that one memtable's points lie in: slabs, cut into slices of {@link Slice#BYTES}.
 * Taking a slab is the one place where ingestion can be refused, so it happens before a batch is
 * logged. Not thread-safe.
 */
final class Slabs {
  /** Bytes of a slab: large enough for the agent to check the budget before it is allocated. */
  static final int SLAB = 1 << 16;

  /** Room left for the small objects that come with points, which nobody asks for one by one. */
  private static final int HEADROOM = 8 << 20;

  private final Deque<Chunk> free = new ArrayDeque<>();
  private int taken;
  private int promised;

  /**
   * Promises slices: they are there when {@link #next} is called.
   *
   * @param slices how many, besides those promised before
   * @throws io.nodedb.mem.BudgetExceededException if the engine has no room for another slab; no part
   *     of one is left behind then, uncounted
   */
  void promise(int slices) {
    while (free.size() < promised + slices) {
      byte[] slab = new byte[SLAB];
      Chunk[] chunks = new Chunk[SLAB / Slice.BYTES];
      for (int i = 0; i < chunks.length; i++) {
        chunks[i] = new Chunk(new Slice(slab, i * Slice.BYTES));
      }
      Collections.addAll(free, chunks);
      taken++;
    }
    promised += slices;
  }

  /** Whether a promise of so many would take another slab. */
  boolean lacks(int slices) {
    return free.size() < promised + slices;
  }

  /**
   * Asks for the room that another slab takes, which may take a collection or a wait: to be called
   * without locks.
   *
   * @throws io.nodedb.mem.BudgetExceededException if there is no room
   */
  static void askForRoom() {
    MemoryGovernor.get().requireRoom(Engines.TIMESERIES, SLAB + HEADROOM);
  }

  /** Ends a promise, whether its slices were used or not. */
  void settle(int slices) {
    promised -= slices;
  }

  /** A chunk in a slice that was promised: nothing is allocated for it any more. */
  Chunk next() {
    return free.remove();
  }

  /** Bytes of all slabs taken. */
  long bytes() {
    return (long) taken * SLAB;
  }

  /**
   * A part of a slab.
   *
   * @param slab the slab
   * @param offset where it starts
   */
  record Slice(byte[] slab, int offset) {
    static final int BYTES = 1024;

    BitBuffer bits() {
      return new BitBuffer(slab, offset, BYTES);
    }
  }
}
