package io.nodedb.mem;

/**
 * Data that can be moved out of an engine's budget and back. Registered with {@link
 * MemoryGovernor#registerSpillable}.
 *
 * <p>Called on threads of the agent's, or on the core's thread the registration names; never by two
 * threads at a time; in no engine's scope; with no lock of the agent's held. What a call may allocate
 * while the engine is full is small (a 64th of the limit, at most 4 MiB, is set aside for all
 * handlers of the engine). A request for more is refused at once, whatever the engine's mode.
 *
 * <p>A thread that breaches may wait for a call, with locks of its own held: a handler that cannot get
 * a lock at once does best to return 0. One that throws, frees nothing or does not return is named in
 * the {@code Spill} event and not asked again for the same shortage.
 */
@FunctionalInterface
public interface Spillable {
  /**
   * Gives up memory.
   *
   * @param bytesWanted how much would do; more or less may be freed
   * @param context what is asked
   * @return how many bytes were freed. What counts is what the ledgers say
   */
  long spill(long bytesWanted, SpillContext context);

  /**
   * Takes spilled data back into memory. Offered when use has fallen below {@code spill.restore}.
   *
   * @param bytesAvailable how much there is room for
   * @param context what is asked; a handler stops when it is {@link SpillContext#abandoned}
   * @return how many bytes were taken; 0 if there is nothing left that should come back
   */
  default long restore(long bytesAvailable, SpillContext context) {
    return 0;
  }

  /**
   * How long the data was not needed, on any scale that the engine's handlers share.
   *
   * @return the larger, the sooner it is spilled and the later restored
   */
  default int coldness() {
    return 0;
  }
}
