package io.nodedb.mem.offheap;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.CollectionArena;
import io.nodedb.mem.Registration;
import io.nodedb.mem.hook.NativeRuntime;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * With jemalloc preloaded: memory that the JVM mallocs for {@code Arena.ofShared()} stands for a JNI
 * library's, as nobody charges it.
 */
final class PreloadedChild {
  private static final long MIB = 1 << 20;

  private PreloadedChild() {}

  @SuppressWarnings("try")
  public static void main(String[] args) {
    try (Engines engines = Engines.of(256 * MIB)) {
      OffheapMemory memory = engines.memory;
      System.out.println("allocator " + memory.allocator());
      require(memory.snapshot().attribution(), "attribution is possible");
      callThatEnds(engines);
      callsThatGrow(engines);
      try (Registration pin = memory.pinCurrentThread("vector")) {
        long idle = external(engines);
        Arena library = Arena.ofShared();
        for (int i = 0; i < 4000; i++) {
          library.allocate(30_000).fill((byte) 1);
        }
        long grown = external(engines) - idle;
        System.out.println("grown " + grown);
        require(Math.abs(grown - 4000 * 32_768L) < 4000 * 32_768L / 20, "within 5 %: " + grown);
        require(Math.abs(engines.used() - grown) < MIB, "the ledger shows it: " + engines.used());

        ByteBuffer buffer = memory.hooks().allocateDirect(Engines.ID, (int) (20 * MIB));
        long twice = external(engines) - idle - grown;
        require(Math.abs(twice) < MIB, "a charged buffer is not counted again: " + twice);
        require(engines.used() >= grown + 20 * MIB, "but counted: " + engines.used());
        require(buffer.capacity() == 20 * MIB, "still there");

        library.close();
        long left = external(engines) - idle;
        System.out.println("left " + left);
        require(left < grown / 50, "back to within 2 %: " + left);
      }
      overLimit(engines);
      collections(memory);
    }
    System.out.println("done");
  }

  /** The ledger has what a call malloced as soon as it ends, before anybody looks at intervals. */
  private static void callThatEnds(Engines engines) {
    int token = engines.memory.hooks().pin(Engines.ID, 1);
    Arena library = Arena.ofShared();
    library.allocate(40 * MIB);
    engines.memory.hooks().unpin(Engines.ID, 1, token);
    long used = engines.used();
    library.close();
    require(used >= 40 * MIB, "charged at the end of the call: " + used);
    external(engines);
    require(engines.used() < MIB, "and given back: " + engines.used());
  }

  /** Each takes 6 MiB: the one that would pass the limit is refused before, and others' are not. */
  private static void callsThatGrow(Engines engines) {
    NativeRuntime hooks = engines.memory.hooks();
    List<Arena> libraries = new ArrayList<>();
    try {
      while (libraries.size() < 60) {
        int token = hooks.pin(Engines.ID, 2);
        libraries.add(Arena.ofShared());
        libraries.getLast().allocate(6 * MIB);
        hooks.unpin(Engines.ID, 2, token);
      }
      throw new AssertionError("not refused");
    } catch (BudgetExceededException e) {
      System.out.println("refused before it takes " + e.getMessage());
    }
    external(engines);
    require(libraries.size() >= 40, "of 256 MiB nearly all was used: " + libraries.size());
    require(engines.engine.snapshot().overrun() == 0, "nothing past the limit: " + engines.used());
    int small = hooks.pin(Engines.ID, 3);
    int inner = hooks.pin(Engines.ID, 3);
    hooks.unpin(Engines.ID, 3, inner);
    hooks.unpin(Engines.ID, 3, small);
    libraries.forEach(Arena::close);
    external(engines);
    require(engines.used() < MIB, "and given back: " + engines.used());
    hooks.unpin(Engines.ID, 2, hooks.pin(Engines.ID, 2));
  }

  /** What pinned threads took counts against the limit of what is charged. */
  @SuppressWarnings("try")
  private static void overLimit(Engines engines) {
    try (Registration pin = engines.memory.pinCurrentThread("vector");
        Arena library = Arena.ofShared()) {
      library.allocate(240 * MIB);
      external(engines);
      try (Arena arena = engines.memory.arena("vector")) {
        arena.allocate(32 * MIB);
        throw new AssertionError("not refused");
      } catch (BudgetExceededException e) {
        System.out.println("refused " + e.getMessage());
      }
    }
  }

  private static void collections(OffheapMemory memory) {
    CollectionArena a = memory.collection("vector", "acme", "a");
    CollectionArena b = memory.collection("vector", "acme", "b");
    try (Arena arena = a.arena()) {
      arena.allocate(8 * MIB).fill((byte) 1);
      require(a.resident() >= 8 * MIB, "resident: " + a.resident());
      require(b.resident() < MIB, "the other's: " + b.resident());
    }
  }

  private static long external(Engines engines) {
    engines.memory.refresh();
    return engines.memory.snapshot().of("vector").orElseThrow().external();
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
