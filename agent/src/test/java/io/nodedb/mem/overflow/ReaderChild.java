package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.mapped.MappingManager;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Opens a region read-only again and again while somebody writes. Every state it sees must be
 * whole: as many slots as there are, all of one generation, also when they are read a second time.
 */
final class ReaderChild {
  private ReaderChild() {}

  /** Arguments: directory, rounds, slots of a state. Prints the generations seen. */
  public static void main(String[] args) {
    int rounds = Integer.parseInt(args[1]);
    int slots = Integer.parseInt(args[2]);
    MappingManager manager = Store.manager();
    for (int i = 0; i < rounds; i++) {
      try (OverflowRegion region = Store.openReadOnly(Path.of(args[0]), manager)) {
        long seen = generation(region, slots);
        if (generation(region, slots) != seen) {
          throw new IllegalStateException("the state changed under the reader");
        }
        System.out.println(seen + " .");
      }
    }
  }

  private static long generation(OverflowRegion region, int slots) {
    long[] found = region.slots(null).toArray();
    if (found.length != slots) {
      throw new IllegalStateException(found.length + " slots instead of " + slots);
    }
    long generation = -1;
    for (long slot : found) {
      try (OverflowView view = region.read(slot)) {
        long first = view.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        long last =
            view.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, view.segment().byteSize() - 8);
        if (first != last || generation >= 0 && first != generation) {
          throw new IllegalStateException("generations " + first + ", " + last + ", " + generation);
        }
        generation = first;
      }
    }
    return generation;
  }
}
