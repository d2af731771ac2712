package io.nodedb.mem.jmx;

/**
 * One engine's native memory, {@code io.nodedb.mem:type=EngineNative,engine=NAME}. Sizes are bytes.
 */
@Described("One engine's arenas of the native allocator")
public interface EngineNativeMXBean extends ArenaBean {
  /**
   * What calls charged.
   *
   * @return bytes
   */
  @Described("Bytes that calls charged and have not released")
  long getCharged();

  /**
   * What nobody charged.
   *
   * @return bytes
   */
  @Described("Bytes that pinned threads allocated, in JNI libraries too, without being charged")
  long getExternal();

  /**
   * The arenas.
   *
   * @return their indices
   */
  @Described("Indices of the engine's arenas; empty until it has any")
  int[] getArenas();
}
