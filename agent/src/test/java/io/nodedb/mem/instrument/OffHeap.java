package io.nodedb.mem.instrument;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Asks for native memory in every way. Scoped and gated by rule. */
public class OffHeap {
  static final ByteBuffer EARLY = ByteBuffer.allocateDirect(1);

  /** Takes memory before its constructor is done. */
  public static class Base {
    final ByteBuffer buffer;

    Base(ByteBuffer buffer) {
      this.buffer = buffer;
    }
  }

  /** Allocates for its superclass. */
  public static class Sub extends Base {
    public Sub(int n) {
      super(ByteBuffer.allocateDirect(n));
    }
  }

  public Object buffers(int n) {
    IntFunction<ByteBuffer> reference = ByteBuffer::allocateDirect;
    return List.of(ByteBuffer.allocateDirect(n), reference.apply(n + 1));
  }

  public Object arenas() {
    Supplier<Arena> reference = Arena::ofAuto;
    return List.of(Arena.ofConfined(), Arena.ofShared(), Arena.ofAuto(), reference.get());
  }

  public Object allocations(Arena arena) {
    SegmentAllocator allocator = arena;
    return List.of(
        arena.allocate(10),
        arena.allocate(20, 4),
        arena.allocate(ValueLayout.JAVA_INT),
        arena.allocate(ValueLayout.JAVA_LONG, 3),
        arena.allocateFrom("text"),
        arena.allocateFrom(ValueLayout.JAVA_LONG, 1L),
        allocator.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3),
        allocator.allocate(30));
  }

  public Object maps(FileChannel file) throws IOException {
    Object buffer = file.map(FileChannel.MapMode.READ_ONLY, 0, 10);
    MemorySegment segment = file.map(FileChannel.MapMode.READ_ONLY, 10, 20, Arena.global());
    return buffer == null && segment != null;
  }

  public Object other(Arena arena) {
    return List.of(ByteBuffer.allocate(4), arena.scope());
  }
}
