package io.nodedb.mem.instrument;

import io.nodedb.mem.EngineBudget;
import java.nio.ByteBuffer;

/** Pins its thread to the engine's arena. */
public class Pinned {
  public Pinned() {}

  @EngineBudget(value = "query", pinArena = true)
  public Pinned(int[] sizes) {
    ByteBuffer.allocateDirect(sizes.length);
  }

  @EngineBudget(value = "query", pinArena = true)
  public Object work(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("n: " + n);
    }
    return ByteBuffer.allocateDirect(n);
  }

  @EngineBudget(value = "query", pinArena = true)
  public Object table(int n) {
    return new int[n][n];
  }
}
