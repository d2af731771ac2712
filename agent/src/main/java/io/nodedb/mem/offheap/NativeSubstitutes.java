package io.nodedb.mem.offheap;

import io.nodedb.mem.NativeAllocator;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.NativeRuntime;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * The JDK's calls for native memory, charged.
 *
 * <p>Arenas made by matched code are the engine's own ({@link BudgetArena}). Where the memory has to
 * be the JDK's (direct buffers, because of their limit, their pool's statistics and {@code
 * invokeCleaner}; mappings; arenas that matched code was given), the JDK allocates and the charge
 * ends with the buffer or the scope. Mapped files go to the mapped ledger.
 */
final class NativeSubstitutes implements NativeRuntime {
  /** What {@link Arena}'s factories make: other arenas allocate through these in the end. */
  private static final Class<?> JDK_ARENA = Arena.ofAuto().getClass();

  private final List<EngineMemory> engines;
  private final LeakWatch leaks;
  private final Attribution attribution;
  private final ThreadPinning pinning;
  private final CallGrowth growth;
  private final UnsafeMemory unsafeMemory = new UnsafeMemory();

  NativeSubstitutes(
      List<EngineMemory> engines,
      LeakWatch leaks,
      Attribution attribution,
      ThreadPinning pinning,
      CallGrowth growth) {
    this.growth = growth;
    this.engines = engines;
    this.leaks = leaks;
    this.attribution = attribution;
    this.pinning = pinning;
  }

  @Override
  public ByteBuffer allocateDirect(int engine, int capacity) {
    if (capacity <= 0) {
      return ByteBuffer.allocateDirect(capacity);
    }
    Charge charge = charge(engine, capacity);
    return charge.during(
        () -> {
          ByteBuffer buffer = ByteBuffer.allocateDirect(capacity);
          leaks.ends().watch(buffer, charge);
          return buffer;
        });
  }

  @Override
  public MappedByteBuffer map(
      int engine, FileChannel channel, FileChannel.MapMode mode, long position, long size)
      throws IOException {
    if (size <= 0) {
      return channel.map(mode, position, size);
    }
    Charge charge = mappedCharge(engine, size);
    return charge.during(
        () -> {
          MappedByteBuffer buffer = channel.map(mode, position, size);
          leaks.ends().watch(buffer, charge);
          return buffer;
        });
  }

  @Override
  public MemorySegment map(
      int engine,
      FileChannel channel,
      FileChannel.MapMode mode,
      long position,
      long size,
      Arena arena)
      throws IOException {
    if (size <= 0) {
      return channel.map(mode, position, size, arena);
    }
    Charge charge = mappedCharge(engine, size);
    return charge.during(
        () -> {
          MemorySegment segment = channel.map(mode, position, size, arena);
          atClose(arena, charge);
          return segment;
        });
  }

  @Override
  public Arena ofConfined(int engine) {
    return BudgetArena.confined(engines.get(engine).heap, true, leaks);
  }

  @Override
  public Arena ofShared(int engine) {
    return BudgetArena.shared(engines.get(engine).heap, true, leaks);
  }

  @Override
  public Arena ofAuto(int engine) {
    return BudgetArena.automatic(engines.get(engine).heap, true, leaks);
  }

  @Override
  public SegmentAllocator governed(int engine, SegmentAllocator allocator) {
    if (allocator instanceof BudgetArena || allocator instanceof NativeAllocator) {
      return allocator;
    }
    if (allocator instanceof Arena arena
        && (arena.getClass() == JDK_ARENA || arena == Arena.global())) {
      return (size, alignment) -> allocate(engine, arena, size, alignment);
    }
    // Slices of memory that was charged when it was allocated, or an arena built on another.
    return allocator;
  }

  @Override
  public long allocateMemory(int engine, Object unsafe, long bytes) {
    return unsafeMemory.allocate(unsafe, bytes, engine == Hooks.NONE || bytes <= 0
        ? null
        : charge(engine, bytes));
  }

  @Override
  public long reallocateMemory(int engine, Object unsafe, long address, long bytes) {
    return unsafeMemory.reallocate(unsafe, address, bytes, engine == Hooks.NONE || bytes <= 0
        ? null
        : charge(engine, bytes));
  }

  @Override
  public void freeMemory(Object unsafe, long address) {
    unsafeMemory.free(unsafe, address);
  }

  @Override
  public int pin(int engine, int method) {
    EngineMemory memory = engines.get(engine);
    int arena = memory.arenas.pinned(ThreadNode.current());
    if (arena >= 0) {
      attribution.pinnedTo(arena);
    }
    long foreseen = growth.ask(memory, method);
    int before = pinning.swap(arena);
    return before < 0 ? before : growth.begin(memory, before, foreseen);
  }

  @Override
  public void unpin(int engine, int method, int token) {
    pinning.swap(CallGrowth.arenaBefore(token));
    if (engine != Hooks.NONE) {
      EngineMemory memory = engines.get(engine);
      attribution.settle(memory, growth.took(method));
      growth.end(memory, token);
    }
  }

  private MemorySegment allocate(int engine, Arena arena, long size, long alignment) {
    if (size <= 0) {
      return arena.allocate(size, alignment);
    }
    Charge charge = charge(engine, size);
    return charge.during(
        () -> {
          MemorySegment segment = arena.allocate(size, alignment);
          atClose(arena, charge);
          return segment;
        });
  }

  /** A cleanup of the arena's own scope: the segment itself stays what the JDK made. */
  @SuppressWarnings("restricted")
  private static void atClose(Arena arena, Charge charge) {
    if (arena != Arena.global()) {
      MemorySegment.NULL.reinterpret(arena, ignored -> charge.run());
    }
  }

  private Charge charge(int engine, long bytes) {
    return Charge.admit(
        engines.get(engine).ledger, LedgerKind.NATIVE, bytes, attribution.overlap());
  }

  private Charge mappedCharge(int engine, long bytes) {
    return Charge.admit(engines.get(engine).ledger, LedgerKind.MAPPED, bytes, null);
  }
}
