package io.nodedb.mem.mapped;

import io.nodedb.mem.Pin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A pin whose segment lives in a confined arena of its own. Closing a confined arena is one plain
 * write (a shared one stops every thread), and it makes any later touch of the segment raise: about
 * 15 ns for both, nothing where the compiler sees that the pin stays in the method. Being
 * confined also means that close can't race with an access, so the count drops only after the
 * last touch.
 */
final class ConfinedPin implements Pin {
  private static final MemorySegment NOTHING =
      Arena.global().allocate(ValueLayout.JAVA_LONG).asSlice(0, 0);

  private final WindowPool pool;
  private final Window window;
  private final int cell;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment segment;
  // Written and tested by the owning thread; another one is stopped by the arena.
  private boolean closed;

  /** The window is pinned by the caller, before or after. */
  @SuppressWarnings("restricted")
  ConfinedPin(
      WindowPool pool, Window window, int cell, long offset, long length, boolean write) {
    this.pool = pool;
    this.window = window;
    this.cell = cell;
    this.segment =
        (write ? window.base : window.readOnlyBase)
            .asSlice(offset - window.start, length)
            .reinterpret(arena, null);
  }

  /** A pin of nothing: holds no window. */
  @SuppressWarnings("restricted")
  ConfinedPin() {
    this.pool = null;
    this.window = null;
    this.cell = 0;
    this.segment = NOTHING.reinterpret(arena, null);
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
    if (window == null) {
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
    if (window != null) {
      window.pins.unpin(cell);
      pool.unpinned();
    }
  }
}
