package io.nodedb.mem.it;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Reservation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Occupies far more than the ceiling outside every ledger, lets go, and looks at what stays. */
final class GuardMain {
  private static final long MIB = 1 << 20;
  private static final int OCCUPIED = 600;
  private static final int BLOCK = 16 << 10;
  private static final int KEPT = 16;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  private GuardMain() {}

  public static void main(String[] args) throws Throwable {
    long ceiling = MemoryGovernor.get().snapshot().ceiling();
    try (Reservation served = MemoryGovernor.get().reserve(Engines.QUERY, MIB)) {
      switch (args[0]) {
        case "heap" -> out("occupied", heap());
        case "fragments" -> out("occupied", fragments());
        default -> throw new IllegalArgumentException(args[0]);
      }
      long until = System.nanoTime() + PATIENCE;
      while (rss() >= ceiling && System.nanoTime() - until < 0) {
        MemoryGovernor.get().reserve(Engines.QUERY, MIB).close();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
      out("left", rss() / MIB);
      out("served", served.bytes());
    }
    out(
        "rejections",
        MemoryGovernor.get().snapshot().engines().stream().mapToLong(e -> e.rejections()).sum());
  }

  /** Heap outside every scope: committed, touched, garbage after. */
  private static long heap() throws IOException {
    List<byte[]> held = new ArrayList<>();
    for (int i = 0; i < OCCUPIED; i++) {
      byte[] piece = new byte[(int) MIB - 64];
      Arrays.fill(piece, (byte) i);
      held.add(piece);
    }
    long occupied = rss() / MIB;
    Reference.reachabilityFence(held);
    return occupied;
  }

  /** Blocks of a malloc, of which one in sixteen stays. */
  @SuppressWarnings("restricted")
  private static long fragments() throws Throwable {
    Linker linker = Linker.nativeLinker();
    // What is looked up by default is the C library's, also where another one is preloaded.
    String library = System.getProperty("library");
    SymbolLookup lookup =
        library == null
            ? linker.defaultLookup()
            : SymbolLookup.libraryLookup(library, Arena.global());
    MethodHandle malloc =
        linker.downcallHandle(
            lookup.find("malloc").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    MethodHandle free =
        linker.downcallHandle(
            lookup.find("free").orElseThrow(),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    List<MemorySegment> blocks = new ArrayList<>();
    for (long i = 0; i < OCCUPIED * MIB / BLOCK; i++) {
      MemorySegment block = ((MemorySegment) malloc.invoke((long) BLOCK)).reinterpret(BLOCK);
      block.fill((byte) 1);
      blocks.add(block);
    }
    long occupied = rss() / MIB;
    for (int i = 0; i < blocks.size(); i++) {
      if (i % KEPT != 0) {
        free.invoke(blocks.get(i));
      }
    }
    return occupied;
  }

  private static long rss() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no VmRSS");
  }

  private static void out(String key, long value) {
    System.out.println(key + "=" + value);
  }
}
