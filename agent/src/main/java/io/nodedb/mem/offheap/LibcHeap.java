package io.nodedb.mem.offheap;

import static io.nodedb.mem.offheap.Native.INT;
import static io.nodedb.mem.offheap.Native.LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The C library's allocator, for systems without jemalloc: no arenas, no caches, no figures. */
final class LibcHeap implements NativeHeap {
  /** malloc aligns to this. */
  private static final long NATURAL = 16;

  private final MethodHandle malloc = Native.libc("malloc", FunctionDescriptor.of(LONG, LONG));
  private final MethodHandle calloc =
      Native.libc("calloc", FunctionDescriptor.of(LONG, LONG, LONG));
  private final MethodHandle memalign =
      Native.libc("aligned_alloc", FunctionDescriptor.of(LONG, LONG, LONG));
  private final MethodHandle memset =
      Native.libc("memset", FunctionDescriptor.of(LONG, LONG, INT, LONG));
  private final MethodHandle free = Native.libc("free", FunctionDescriptor.ofVoid(LONG));

  @Override
  public String describe() {
    return "the C library's malloc";
  }

  @Override
  public long usable(long size, long alignment) {
    long unit = Math.max(NATURAL, alignment);
    return size > Long.MAX_VALUE - unit ? Long.MAX_VALUE : (size + unit - 1) & -unit;
  }

  @Override
  public boolean classesNumbered() {
    return false;
  }

  @Override
  public long allocate(long size, long alignment, int place, boolean zero) {
    long bytes = usable(size, alignment);
    if (bytes == Long.MAX_VALUE) {
      return 0;
    }
    try {
      if (alignment <= NATURAL) {
        return zero ? (long) calloc.invokeExact(1L, bytes) : (long) malloc.invokeExact(bytes);
      }
      long address = (long) memalign.invokeExact(alignment, bytes);
      if (zero && address != MemorySegment.NULL.address()) {
        return (long) memset.invokeExact(address, 0, bytes);
      }
      return address;
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  @Override
  public void free(long address, long size, long alignment, int place) {
    try {
      free.invokeExact(address);
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  @Override
  public int place(int arena, int cache) {
    return 0;
  }

  @Override
  public int newCache() {
    return -1;
  }

  @Override
  public void dropCache(int cache) {}

  @Override
  public int newArena() {
    return -1;
  }
}
