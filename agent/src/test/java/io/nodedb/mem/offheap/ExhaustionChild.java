package io.nodedb.mem.offheap;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** Allocates until the address space, which its parent has limited, is used up. */
final class ExhaustionChild {
  private ExhaustionChild() {}

  public static void main(String[] args) {
    try (Engines engines = Engines.of(1L << 40)) {
      List<Arena> arenas = new ArrayList<>();
      OutOfMemoryError error = null;
      while (error == null) {
        long before = engines.used();
        Arena arena = engines.memory.arena("vector");
        arenas.add(arena);
        try {
          arena.allocate(64 << 20);
        } catch (OutOfMemoryError e) {
          error = e;
          if (engines.used() != before) {
            throw new AssertionError("charged: " + (engines.used() - before), e);
          }
        }
      }
      System.out.println("error " + error.getMessage());
      arenas.forEach(Arena::close);
      if (engines.used() != 0) {
        throw new AssertionError("left: " + engines.used());
      }
      try (Arena again = engines.memory.arena("vector")) {
        again.allocate(64 << 20);
      }
    }
    System.out.println("done");
  }
}
