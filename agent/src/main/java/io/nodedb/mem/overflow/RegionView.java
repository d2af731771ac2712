package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowView;
import io.nodedb.mem.Pin;
import java.lang.foreign.MemorySegment;

/** A pinned payload. Belongs to the thread that made it, as its pin does. */
final class RegionView implements OverflowView {
  private final Pin pin;
  private final MemorySegment segment;
  private final long slot;
  private final String engine;
  private final TablePage page;
  private final int at;
  private boolean closed;

  /** A view; {@code page}, if not null, counts it at {@code at} until it is closed. */
  RegionView(Pin pin, long slot, String engine, TablePage page, int at) {
    this.pin = pin;
    this.segment = pin.segment();
    this.slot = slot;
    this.engine = engine;
    this.page = page;
    this.at = at;
  }

  @Override
  public MemorySegment segment() {
    if (closed) {
      throw new IllegalStateException(
          "overflow: the view of slot " + slot + " is closed; read the slot again");
    }
    return segment;
  }

  @Override
  public long slot() {
    return slot;
  }

  @Override
  public String engine() {
    return engine;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    pin.close(); // raises in another thread, with nothing changed
    closed = true;
    if (page != null) {
      page.leave(at);
    }
  }
}
