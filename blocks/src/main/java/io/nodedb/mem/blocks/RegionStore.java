package io.nodedb.mem.blocks;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Slots of an overflow region. What is stored is cut into pieces: the region maps a piece while it is
 * read, and an engine that is full has little room to map it in.
 */
final class RegionStore implements SpillStore {
  private static final long PIECE = 32 << 10;

  private final OverflowRegion region;
  private final String engine;

  /** The region's slots of each slot here, which is the first of them. */
  private final Map<Long, long[]> slots = new ConcurrentHashMap<>();

  RegionStore(OverflowRegion region, String engine) {
    this.region = region;
    this.engine = engine;
  }

  @Override
  public long write(MemorySegment bytes) {
    long size = bytes.byteSize();
    long[] pieces = new long[(int) Math.max(1, (size + PIECE - 1) / PIECE)];
    int written = 0;
    try {
      for (; written < pieces.length; written++) {
        long at = written * PIECE;
        pieces[written] =
            region.write(bytes.asSlice(at, Math.min(PIECE, size - at)), engine);
      }
    } catch (RuntimeException | Error e) {
      while (written-- > 0) {
        region.free(pieces[written]);
      }
      throw e;
    }
    slots.put(pieces[0], pieces);
    return pieces[0];
  }

  @Override
  public void read(long slot, long offset, MemorySegment into) {
    long[] pieces = slots.get(slot);
    if (pieces == null) {
      throw unknown(slot);
    }
    long size = into.byteSize();
    for (long done = 0; done < size; ) {
      long from = (offset + done) % PIECE;
      long part = Math.min(size - done, PIECE - from);
      try (OverflowView view = region.read(pieces[(int) ((offset + done) / PIECE)])) {
        MemorySegment.copy(view.segment(), from, into, done, part);
      }
      done += part;
    }
  }

  @Override
  public void free(long slot) {
    long[] pieces = slots.remove(slot);
    if (pieces == null) {
      throw unknown(slot);
    }
    for (long piece : pieces) {
      region.free(piece);
    }
  }

  private static OverflowException unknown(long slot) {
    return new OverflowException("slot " + slot + " is unknown, or freed");
  }

  @Override
  public void close() {
    for (Long slot : slots.keySet()) {
      free(slot);
    }
  }
}
