package io.nodedb.mem.heap;

/**
 * How starting the sampler went.
 *
 * @param kind the outcome
 * @param detail a clause for a message: what is the matter and what would help
 */
public record SamplerStatus(Kind kind, String detail) {
  /** Outcomes. */
  public enum Kind {
    /** Objects are sampled. */
    RUNNING,
    /** The agent carries no library for this platform. */
    NO_LIBRARY,
    /** The library cannot be loaded. */
    NOT_LOADED,
    /** Another agent samples allocations, and the JVM lets only one do so. */
    CAPABILITY_HELD,
    /** The JVM refused otherwise. */
    REFUSED
  }

  /**
   * Whether objects are sampled.
   *
   * @return false if the heap ledger has to be estimated in another way
   */
  public boolean running() {
    return kind == Kind.RUNNING;
  }
}
