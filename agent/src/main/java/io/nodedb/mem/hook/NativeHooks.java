package io.nodedb.mem.hook;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.Supplier;

/**
 * What calls for native memory in matched classes are redirected to; {@link SegmentHooks} has those
 * of {@code Arena} and {@code SegmentAllocator} instances. On a thread that is in no engine's scope,
 * and until {@link #install}, each is the JDK's own call.
 *
 * <p>A static call keeps its descriptor; an instance call becomes a static one with the receiver as
 * first argument (of type {@code Object} for {@code sun.misc.Unsafe}, as it is no part of {@code
 * java.base}):
 *
 * <pre>
 * ByteBuffer.allocateDirect(I)                     allocateDirect(I)
 * Arena.ofConfined() ofShared() ofAuto()           ofConfined() ofShared() ofAuto()
 * FileChannel.map(MapMode,J,J)                     map(FileChannel,MapMode,J,J)
 * FileChannel.map(MapMode,J,J,Arena)               map(FileChannel,MapMode,J,J,Arena)
 * Unsafe.allocateMemory(J)                         allocateMemory(Object,J)
 * Unsafe.reallocateMemory(J,J)                     reallocateMemory(Object,J,J)
 * Unsafe.freeMemory(J)                             freeMemory(Object,J)
 * </pre>
 *
 * <p>{@link #pin} and {@link #unpin} go around the body of a method annotated with {@code pinArena},
 * inside its scope.
 */
public final class NativeHooks {
  /** In place of a token: nothing to undo. */
  public static final int UNPINNED = -1;

  /** How many methods that pin are told apart. A power of two. */
  public static final int METHODS = 1024;

  private static volatile NativeRuntime runtime;

  /** Makes the runtime at the first call in a scope. */
  private static volatile Supplier<NativeRuntime> source;

  private NativeHooks() {}

  /**
   * Puts the runtime behind the hooks.
   *
   * @param newSource gives the runtime, always the same; null turns the hooks off
   */
  public static void install(Supplier<NativeRuntime> newSource) {
    source = newSource;
    runtime = null;
  }

  /**
   * See {@link ByteBuffer#allocateDirect}.
   *
   * @param capacity as there
   * @return the buffer
   */
  public static ByteBuffer allocateDirect(int capacity) {
    int engine = engine();
    NativeRuntime r = runtime(engine);
    return r == null
        ? ByteBuffer.allocateDirect(capacity)
        : r.allocateDirect(engine, capacity);
  }

  /**
   * See {@link FileChannel#map(FileChannel.MapMode, long, long)}.
   *
   * @param channel the file
   * @param mode as there
   * @param position as there
   * @param size as there
   * @return the buffer
   * @throws IOException as there
   */
  public static MappedByteBuffer map(
      FileChannel channel, FileChannel.MapMode mode, long position, long size)
      throws IOException {
    int engine = engine();
    NativeRuntime r = runtime(engine);
    return r == null
        ? channel.map(mode, position, size)
        : r.map(engine, channel, mode, position, size);
  }

  /**
   * See {@link FileChannel#map(FileChannel.MapMode, long, long, Arena)}.
   *
   * @param channel the file
   * @param mode as there
   * @param position as there
   * @param size as there
   * @param arena as there
   * @return the segment
   * @throws IOException as there
   */
  public static MemorySegment map(
      FileChannel channel, FileChannel.MapMode mode, long position, long size, Arena arena)
      throws IOException {
    int engine = engine();
    NativeRuntime r = runtime(engine);
    return r == null
        ? channel.map(mode, position, size, arena)
        : r.map(engine, channel, mode, position, size, arena);
  }

  /**
   * See {@link Arena#ofConfined()}.
   *
   * @return the arena
   */
  public static Arena ofConfined() {
    int engine = engine();
    NativeRuntime r = runtime(engine);
    return r == null ? Arena.ofConfined() : r.ofConfined(engine);
  }

  /**
   * See {@link Arena#ofShared()}.
   *
   * @return the arena
   */
  public static Arena ofShared() {
    int engine = engine();
    NativeRuntime r = runtime(engine);
    return r == null ? Arena.ofShared() : r.ofShared(engine);
  }

  /**
   * See {@link Arena#ofAuto()}.
   *
   * @return the arena
   */
  public static Arena ofAuto() {
    int engine = engine();
    NativeRuntime r = runtime(engine);
    return r == null ? Arena.ofAuto() : r.ofAuto(engine);
  }

  /**
   * See {@code sun.misc.Unsafe.allocateMemory}.
   *
   * @param unsafe the Unsafe
   * @param bytes as there
   * @return the address
   */
  public static long allocateMemory(Object unsafe, long bytes) {
    return installed().allocateMemory(engine(), unsafe, bytes);
  }

  /**
   * See {@code sun.misc.Unsafe.reallocateMemory}.
   *
   * @param unsafe the Unsafe
   * @param address as there
   * @param bytes as there
   * @return the address
   */
  public static long reallocateMemory(Object unsafe, long address, long bytes) {
    return installed().reallocateMemory(engine(), unsafe, address, bytes);
  }

  /**
   * See {@code sun.misc.Unsafe.freeMemory}.
   *
   * @param unsafe the Unsafe
   * @param address as there
   */
  public static void freeMemory(Object unsafe, long address) {
    installed().freeMemory(unsafe, address);
  }

  /**
   * Pins the current thread to the arena of the engine it is in.
   *
   * @param method the method that pins, see {@link #method}
   * @return the token for {@link #unpin}
   */
  public static int pin(int method) {
    int engine = engine();
    NativeRuntime r = runtime(engine);
    return r == null ? UNPINNED : r.pin(engine, method);
  }

  /**
   * Undoes {@link #pin}.
   *
   * @param token what it returned
   * @param method as there
   */
  public static void unpin(int token, int method) {
    NativeRuntime r = runtime(token);
    if (token >= 0 && r != null) {
      r.unpin(engine(), method, token);
    }
  }

  /**
   * A number for a method that pins. Methods may share one: what is foreseen is then the more of both.
   *
   * @param name its full name and descriptor
   * @return 0 to {@link #METHODS} - 1
   */
  public static int method(String name) {
    int hash = name.hashCode();
    return (hash ^ hash >>> 16) & (METHODS - 1);
  }

  /** The runtime, if there is an engine for it to charge. */
  static NativeRuntime runtime(int engine) {
    NativeRuntime r = runtime;
    return engine == Hooks.NONE ? null : r != null ? r : load();
  }

  private static NativeRuntime load() {
    Supplier<NativeRuntime> from = source;
    if (from == null) {
      return null;
    }
    NativeRuntime r = from.get();
    runtime = r;
    return r;
  }

  /** The engine of the current thread. */
  static int engine() {
    ThreadScope scope = ThreadTable.current();
    return scope == null ? Hooks.NONE : scope.engine();
  }

  /** Unsafe has no plain call to fall back on: this class may not name it. */
  private static NativeRuntime installed() {
    NativeRuntime r = runtime(0);
    if (r == null) {
      throw new IllegalStateException("nodedb-mem: native memory hooks called without a runtime");
    }
    return r;
  }
}
