package io.nodedb.mem.hook;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;

/**
 * What the runtime installs behind {@link NativeHooks} and {@link SegmentHooks}. Each method does what
 * the JDK's own does, for an engine: charges before it allocates, throws a budget denial in place of
 * allocating, and leaves nothing behind then.
 */
public interface NativeRuntime {
  /**
   * As {@link ByteBuffer#allocateDirect}.
   *
   * @param engine the engine's id
   * @param capacity as there
   * @return the buffer
   */
  ByteBuffer allocateDirect(int engine, int capacity);

  /**
   * As {@link FileChannel#map(FileChannel.MapMode, long, long)}.
   *
   * @param engine the engine's id
   * @param channel the file
   * @param mode as there
   * @param position as there
   * @param size as there
   * @return the buffer
   * @throws IOException as there
   */
  MappedByteBuffer map(
      int engine, FileChannel channel, FileChannel.MapMode mode, long position, long size)
      throws IOException;

  /**
   * As {@link FileChannel#map(FileChannel.MapMode, long, long, Arena)}.
   *
   * @param engine the engine's id
   * @param channel the file
   * @param mode as there
   * @param position as there
   * @param size as there
   * @param arena as there
   * @return the segment
   * @throws IOException as there
   */
  MemorySegment map(
      int engine,
      FileChannel channel,
      FileChannel.MapMode mode,
      long position,
      long size,
      Arena arena)
      throws IOException;

  /**
   * As {@link Arena#ofConfined()}.
   *
   * @param engine the engine's id
   * @return the arena
   */
  Arena ofConfined(int engine);

  /**
   * As {@link Arena#ofShared()}.
   *
   * @param engine the engine's id
   * @return the arena
   */
  Arena ofShared(int engine);

  /**
   * As {@link Arena#ofAuto()}.
   *
   * @param engine the engine's id
   * @return the arena
   */
  Arena ofAuto(int engine);

  /**
   * An allocator that charges what the given one allocates.
   *
   * @param engine the engine's id
   * @param allocator the allocator
   * @return the charging one; the given one if what it allocates is charged already
   */
  SegmentAllocator governed(int engine, SegmentAllocator allocator);

  /**
   * As {@code sun.misc.Unsafe.allocateMemory}.
   *
   * @param engine the engine's id
   * @param unsafe the Unsafe
   * @param bytes as there
   * @return the address
   */
  long allocateMemory(int engine, Object unsafe, long bytes);

  /**
   * As {@code sun.misc.Unsafe.reallocateMemory}.
   *
   * @param engine the engine's id, or {@link Hooks#NONE}
   * @param unsafe the Unsafe
   * @param address as there
   * @param bytes as there
   * @return the address
   */
  long reallocateMemory(int engine, Object unsafe, long address, long bytes);

  /**
   * As {@code sun.misc.Unsafe.freeMemory}.
   *
   * @param unsafe the Unsafe
   * @param address as there
   */
  void freeMemory(Object unsafe, long address);

  /**
   * Pins the current thread to an engine's arena for the extent of a call. Throws a budget denial if
   * there is no room for what calls of the method took of late.
   *
   * @param engine the engine's id
   * @param method the method's number
   * @return the token for {@link #unpin}; negative if nothing was changed
   */
  int pin(int engine, int method);

  /**
   * Undoes {@link #pin}.
   *
   * @param engine as there, or {@link Hooks#NONE} if it is not known any more
   * @param method as there
   * @param token what it returned
   */
  void unpin(int engine, int method, int token);
}
