package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.Engines;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.sample.timeseries.SegmentFormat.Visitor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Segments in an overflow region: a slot for each block. */
final class RegionSegments implements Segments {
  private final OverflowRegion region;

  RegionSegments(OverflowRegion region) {
    this.region = region;
  }

  @Override
  public Slots write(Memtable table, Pace pace) throws IOException {
    long[][] slots = {new long[64]};
    int[] count = {0};
    SegmentFormat.write(table, block -> {
      int bytes = block.remaining();
      if (count[0] == slots[0].length) {
        slots[0] = Arrays.copyOf(slots[0], 2 * count[0]);
      }
      slots[0][count[0]++] = region.write(MemorySegment.ofBuffer(block), Engines.TIMESERIES);
      pace.wrote(bytes);
    });
    return new Slots(Arrays.copyOf(slots[0], count[0]));
  }

  /** A segment that was written before. */
  Slots at(long[] slots) {
    return new Slots(slots);
  }

  /** A segment's blocks, in order. */
  final class Slots implements Segment {
    private final long[] slots;

    private Slots(long[] slots) {
      this.slots = slots;
    }

    long[] slots() {
      return slots.clone();
    }

    @Override
    public void read(Visitor visitor) throws IOException {
      for (long slot : slots) {
        byte[] block;
        try (OverflowView view = region.read(slot)) {
          block = view.segment().toArray(ValueLayout.JAVA_BYTE);
        }
        SegmentFormat.read("slot " + slot, new ByteArrayInputStream(block), visitor);
      }
    }

    @Override
    public void delete() {
      for (long slot : slots) {
        region.free(slot);
      }
    }
  }

  @Override
  public void close() {
    region.close();
  }
}
