package io.nodedb.mem.mapped;

import io.nodedb.mem.Pin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A pin whose segment lives in a confined arena of its own. Closing a confined arena is one plain
 * write (a shared one stops every thread), and it makes any later touch of the segment raise: about
 * 15 ns for both, nothing where the compiler sees that the pin stays in the method (see {@link
 * MappingManager#pin}). Being confined also means that close can't race with an access, so the count
 * drops only after the last touch.
 */
final class ConfinedPin implements Pin {
  private final WindowPool pool;
  private final Window window;
  private final int cell;
  private final Arena arena;
  private final MemorySegment segment;
  // Written and tested by the owning thread; another one is stopped by the arena.
  private boolean closed;

  private ConfinedPin(
      WindowPool pool, Window window, int cell, Arena arena, MemorySegment segment) {
    this.pool = pool;
    this.window = window;
    this.cell = cell;
    this.arena = arena;
    this.segment = segment;
  }

  /**
   * Of a window that the caller has pinned at that cell; closing unpins it. What the pin consists of
   * is made before it, so that no collector's barrier is compiled into its constructor.
   */
  @SuppressWarnings("restricted")
  static ConfinedPin of(
      WindowPool pool, Window window, int cell, long offset, long length, boolean write) {
    Arena arena = Arena.ofConfined();
    MemorySegment segment =
        (write ? window.base : window.readOnlyBase)
            .asSlice(length == 0 ? 0 : offset - window.start, length)
            .reinterpret(arena, null);
    return new ConfinedPin(pool, window, cell, arena, segment);
  }

  @Override
  public MemorySegment segment() {
    if (closed) {
      throw new IllegalStateException("the pin is closed: pin the range again to use it");
    }
    return segment;
  }

  @Override
  public void force() {
    MemorySegment range = segment();
    if (range.byteSize() == 0) {
      return;
    }
    long from = range.address() / LibC.PAGE * LibC.PAGE;
    int rc = LibC.msync(from, range.address() + range.byteSize() - from);
    if (rc < 0) {
      throw Errors.of("force", window.file.path(), rc);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    arena.close(); // raises in a thread that doesn't own it, with nothing changed
    closed = true;
    window.pins.unpin(cell);
    pool.unpinned();
  }
}
