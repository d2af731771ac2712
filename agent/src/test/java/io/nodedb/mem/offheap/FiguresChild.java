package io.nodedb.mem.offheap;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.PressureTransition;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** With a jemalloc that counts: its figures, and what is done when they are bad. */
final class FiguresChild {
  private static final long MIB = 1 << 20;

  private FiguresChild() {}

  public static void main(String[] args) {
    try (Engines engines = Engines.of(256 * MIB)) {
      figures(engines.memory);
      purging(engines.memory);
      pressure(engines.memory);
      fragmentation(engines);
    }
    System.out.println("done");
  }

  private static void figures(OffheapMemory memory) {
    try (Arena arena = memory.arena("query")) {
      MemorySegment block = arena.allocate(16 * MIB).fill((byte) 1);
      NativeSnapshot stats = memory.snapshot();
      ArenaFigures query = of(memory, "query");
      require(query.allocated() >= block.byteSize(), "allocated " + query);
      require(query.active() >= query.allocated(), "active " + query);
      require(query.resident() >= query.active(), "resident " + query);
      require(query.mapped() >= query.active(), "mapped " + query);
      require(query.fragmentation() < 0.25, "fragmentation " + query);
      require(stats.global().resident() >= query.resident(), "global " + stats.global());
      require(stats.of("none").isEmpty(), "unknown engine");
      require(List.of("vector", "query").equals(
          stats.engines().stream().map(NativeSnapshot.EngineFigures::engine).toList()), "engines");
    }
  }

  @SuppressWarnings("try")
  private static void purging(OffheapMemory memory) {
    try (Arena kept = leaveDirtyPages(memory, "query")) {
      require(memory.dirty().orElseThrow() > 8 * MIB, "dirty " + memory.dirty());
      require(memory.purge(), "purge");
      require(memory.dirty().orElseThrow() < 2 * MIB, "left dirty " + memory.dirty());
    }
    memory.purge();
    ArenaFigures purged = of(memory, "query");
    require(purged.dirty() == 0 && purged.resident() < 2 * MIB, "purged " + purged);
  }

  @SuppressWarnings("try")
  private static void pressure(OffheapMemory memory) {
    try (Arena query = leaveDirtyPages(memory, "query");
        Arena vector = leaveDirtyPages(memory, "vector")) {
      Optional<String> engine = Optional.of("query");
      tell(memory, engine, PressureLevel.NORMAL, PressureLevel.WARNING);
      require(of(memory, "query").dirty() > 8 * MIB, "not due yet " + of(memory, "query"));
      tell(memory, engine, PressureLevel.EMERGENCY, PressureLevel.CRITICAL);
      require(of(memory, "query").dirty() > 8 * MIB, "falling " + of(memory, "query"));
      tell(memory, engine, PressureLevel.WARNING, PressureLevel.CRITICAL);
      require(of(memory, "query").dirty() == 0, "purged " + of(memory, "query"));
      require(of(memory, "vector").dirty() > 8 * MIB, "the other's " + of(memory, "vector"));
      tell(memory, Optional.empty(), PressureLevel.WARNING, PressureLevel.CRITICAL);
      require(of(memory, "vector").dirty() == 0, "everybody's " + of(memory, "vector"));
      tell(memory, Optional.of("of yesterday"), PressureLevel.NORMAL, PressureLevel.EMERGENCY);
    }
  }

  private static void tell(
      OffheapMemory memory, Optional<String> engine, PressureLevel from, PressureLevel to) {
    memory.pressure().onTransition(new PressureTransition(engine, from, to, 1, 2, "test"));
  }

  /** Every second block freed: their pages are half empty. */
  private static void fragmentation(Engines engines) {
    OffheapMemory memory = engines.memory;
    try (Arena kept = memory.arena("vector")) {
      try (Arena freed = memory.arena("vector")) {
        for (int i = 0; i < 20_000; i++) {
          kept.allocate(1000);
          freed.allocate(1000);
        }
        memory.monitor().tick();
        require(warnings(engines) == 0, "full pages: " + engines.log);
      }
      require(of(memory, "vector").fragmentation() > 0.4, "fragmented " + of(memory, "vector"));
      memory.monitor().tick();
      memory.monitor().tick();
      require(warnings(engines) == 1, "once: " + engines.log);
    }
    memory.monitor().tick();
    require(warnings(engines) == 1, "not of what is over: " + engines.log);
    System.out.println("warned " + engines.log.getLast());
  }

  private static long warnings(Engines engines) {
    return engines.log.stream().filter(l -> l.startsWith("engine 'vector': ")).count();
  }

  /** jemalloc gives back at once what coalesces to 8 MiB and more: every second block stays. */
  private static Arena leaveDirtyPages(OffheapMemory memory, String engine) {
    Arena kept = memory.arena(engine);
    try (Arena freed = memory.arena(engine)) {
      for (int i = 0; i < 16; i++) {
        freed.allocate(MIB).fill((byte) 1);
        kept.allocate(MIB);
      }
    }
    return kept;
  }

  private static ArenaFigures of(OffheapMemory memory, String engine) {
    return memory.snapshot().of(engine).orElseThrow().figures();
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
