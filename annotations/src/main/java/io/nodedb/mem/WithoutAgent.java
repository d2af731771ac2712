package io.nodedb.mem;

/** Says that something is the agent's alone. */
final class WithoutAgent {
  private WithoutAgent() {}

  static UnsupportedOperationException refuse(String what) {
    return new UnsupportedOperationException(
        what + " need the agent: start the JVM with -javaagent:nodedb-mem-agent.jar, or ask"
            + " MemoryGovernor.get().active() first");
  }
}
