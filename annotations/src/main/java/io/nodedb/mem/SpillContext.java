package io.nodedb.mem;

/** What a {@link Spillable} is asked, and whether it still is. Thread-safe. */
public interface SpillContext {
  /**
   * The engine that is short of memory.
   *
   * @return its name
   */
  String engine();

  /**
   * Whether a thread that met the engine's bound waits for this call.
   *
   * @return false if the engine has only come near it
   */
  boolean awaited();

  /**
   * Whether nobody wants the call's effect any more: pressure returned during a restoration, the
   * handler was unregistered, or the call has taken so long that it counts as hung.
   *
   * @return whether to stop and return
   */
  boolean abandoned();
}
