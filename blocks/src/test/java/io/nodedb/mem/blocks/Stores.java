package io.nodedb.mem.blocks;

import io.nodedb.mem.SpillContext;
import java.lang.foreign.MemorySegment;

/** Stores and contexts for tests. */
final class Stores {
  /** Asked by nobody, for ever. */
  static final SpillContext CONTEXT =
      new SpillContext() {
        @Override
        public String engine() {
          return "query";
        }

        @Override
        public boolean awaited() {
          return false;
        }

        @Override
        public boolean abandoned() {
          return false;
        }
      };

  private Stores() {}

  /** Counts what is there, and can be full. */
  static final class Counting implements SpillStore {
    private final SpillStore below;
    int written;
    int live;
    boolean full;

    Counting(SpillStore below) {
      this.below = below;
    }

    @Override
    public long write(MemorySegment bytes) {
      if (full) {
        throw new io.nodedb.mem.OverflowException("disk full");
      }
      long slot = below.write(bytes);
      written++;
      live++;
      return slot;
    }

    @Override
    public void read(long slot, long offset, MemorySegment into) {
      below.read(slot, offset, into);
    }

    @Override
    public void free(long slot) {
      below.free(slot);
      live--;
    }

    @Override
    public void close() {
      below.close();
    }
  }
}
