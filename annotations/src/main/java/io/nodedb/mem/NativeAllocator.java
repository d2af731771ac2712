package io.nodedb.mem;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Native memory of one engine with explicit free, for structures whose blocks come and go one by
 * one. What was not freed is freed by {@link #close()}.
 *
 * <p>Confined to the thread that made it unless made with {@link ArenaOption#SHARED}. A block may not
 * be touched after its {@link #free}; only after {@link #close()} is that sure to raise an exception.
 */
public interface NativeAllocator extends SegmentAllocator, AutoCloseable {
  /**
   * The engine that is charged.
   *
   * @return its name
   */
  String engine();

  /**
   * A block of the engine's memory, charged before it is allocated.
   *
   * @param byteSize its size, 0 or more
   * @param byteAlignment its alignment, a power of two
   * @return the block
   * @throws BudgetExceededException if the budget refuses; nothing has changed then
   * @throws OutOfMemoryError if the system has no memory; nothing has changed then
   * @throws IllegalArgumentException if an argument is not as stated
   * @throws IllegalStateException if closed
   * @throws WrongThreadException if confined to another thread
   */
  @Override
  MemorySegment allocate(long byteSize, long byteAlignment);

  /**
   * Frees a block.
   *
   * @param block what {@code allocate} returned, not a slice of it
   * @throws IllegalArgumentException if it is no live block of this allocator, such as one that was
   *     freed before
   * @throws IllegalStateException if closed
   * @throws WrongThreadException if confined to another thread
   */
  void free(MemorySegment block);

  /**
   * What its live blocks are charged with.
   *
   * @return bytes
   */
  long allocated();

  /**
   * Frees every block.
   *
   * @throws IllegalStateException if closed already
   * @throws WrongThreadException if confined to another thread
   */
  @Override
  void close();
}
