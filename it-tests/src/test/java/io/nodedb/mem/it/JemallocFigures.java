package io.nodedb.mem.it;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What the preloaded jemalloc itself says, past the agent. */
final class JemallocFigures {
  private JemallocFigures() {}

  /** Bytes allocated from an arena. */
  @SuppressWarnings("restricted")
  static long allocated(int arena) {
    try (Arena memory = Arena.ofConfined()) {
      SymbolLookup library = SymbolLookup.libraryLookup("libjemalloc.so.2", memory);
      MethodHandle mallctl =
          Linker.nativeLinker()
              .downcallHandle(
                  library.findOrThrow("mallctl"),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT,
                      ValueLayout.ADDRESS,
                      ValueLayout.ADDRESS,
                      ValueLayout.ADDRESS,
                      ValueLayout.ADDRESS,
                      ValueLayout.JAVA_LONG));
      MemorySegment epoch = memory.allocateFrom(ValueLayout.JAVA_LONG, 1);
      call(mallctl, memory, "epoch", MemorySegment.NULL, MemorySegment.NULL, epoch, 8);
      return read(mallctl, memory, "stats.arenas." + arena + ".small.allocated")
          + read(mallctl, memory, "stats.arenas." + arena + ".large.allocated");
    }
  }

  private static long read(MethodHandle mallctl, Arena memory, String name) {
    MemorySegment value = memory.allocate(ValueLayout.JAVA_LONG);
    MemorySegment size = memory.allocateFrom(ValueLayout.JAVA_LONG, 8);
    call(mallctl, memory, name, value, size, MemorySegment.NULL, 0);
    return value.get(ValueLayout.JAVA_LONG, 0);
  }

  private static void call(
      MethodHandle mallctl,
      Arena memory,
      String name,
      MemorySegment old,
      MemorySegment oldSize,
      MemorySegment given,
      long givenSize) {
    int error;
    try {
      error =
          (int) mallctl.invokeExact(memory.allocateFrom(name), old, oldSize, given, givenSize);
    } catch (Throwable t) {
      throw new IllegalStateException(name, t);
    }
    if (error != 0) {
      throw new IllegalStateException(name + ": error " + error);
    }
  }
}
