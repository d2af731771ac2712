package io.nodedb.mem.it;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Reservation;
import java.lang.foreign.Arena;
import java.util.concurrent.locks.LockSupport;

/**
 * Two engines free memory whose pages jemalloc, told so, keeps for good. Then the pressure of one
 * becomes critical and that of the other does not. Nobody asks for a purge.
 */
final class PressurePurgeMain {
  private static final int MIB = 1 << 20;
  private static final int BLOCKS = 16;
  private static final int PATIENCE = 6_000;

  private static final MemoryGovernor GOVERNOR = MemoryGovernor.get();

  private PressurePurgeMain() {}

  @SuppressWarnings("try")
  public static void main(String[] args) {
    try (Arena vector = leaveDirtyPages(Engines.VECTOR);
        Arena query = leaveDirtyPages(Engines.QUERY)) {
      say("vector", dirty(Engines.VECTOR));
      say("query", dirty(Engines.QUERY));
      // Past 70 and past 85 percent of 100 MiB, with the 16 that stay.
      try (Reservation warning = GOVERNOR.reserve(Engines.QUERY, 60L * MIB);
          Reservation critical = GOVERNOR.reserve(Engines.VECTOR, 72L * MIB)) {
        for (int i = 0; i < PATIENCE && dirty(Engines.VECTOR) > 0; i++) {
          LockSupport.parkNanos(10_000_000);
        }
        say("vectorLevel", GOVERNOR.snapshot(Engines.VECTOR).pressure());
        say("vectorAfter", dirty(Engines.VECTOR));
        say("queryLevel", GOVERNOR.snapshot(Engines.QUERY).pressure());
        say("queryAfter", dirty(Engines.QUERY));
      }
    }
  }

  /** What coalesces to 8 MiB and more is given back at once: every second block stays. */
  private static Arena leaveDirtyPages(String engine) {
    Arena kept = GOVERNOR.arena(engine, ArenaOption.UNZEROED);
    try (Arena freed = GOVERNOR.arena(engine, ArenaOption.UNZEROED)) {
      for (int i = 0; i < BLOCKS; i++) {
        freed.allocate(MIB).fill((byte) 1);
        kept.allocate(MIB);
      }
    }
    return kept;
  }

  private static long dirty(String engine) {
    return GOVERNOR.nativeMemory().snapshot().of(engine).orElseThrow().figures().dirty();
  }

  private static void say(String key, Object value) {
    System.out.println(key + "=" + value);
  }
}
