package io.nodedb.mem.benchmarks.cost;

import java.nio.file.Path;
import java.util.List;

/** What a child runs under. */
enum Variant {
  /** Nothing. */
  PLAIN("plain") {
    @Override
    List<String> options(Path scratch) {
      return List.of();
    }
  },
  /** Nothing again: how far two JVMs of the same kind are apart tells what a ratio is worth. */
  CONTROL("plain again") {
    @Override
    List<String> options(Path scratch) {
      return List.of();
    }
  },
  /** The agent, defaults but for the rules. */
  AGENT("nodedb-mem") {
    @Override
    List<String> options(Path scratch) {
      return List.of("-javaagent:benchmarks/target/agent.jar=config=benchmarks/cost.conf");
    }
  },
  /** Flight Recorder with the settings that come with the JDK and sample allocations. */
  JFR("JFR, settings=profile") {
    @Override
    List<String> options(Path scratch) {
      return List.of(
          "-Xlog:jfr*=off",
          "-Xlog:jfr+startup=off",
          "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename="
              + scratch.resolve("cost.jfr"));
    }
  },
  /** java-allocation-instrumenter with a sampler that counts. */
  INSTRUMENTER("java-allocation-instrumenter") {
    @Override
    List<String> options(Path scratch) {
      return List.of("-javaagent:benchmarks/target/instrumenter.jar");
    }
  };

  /** What each round compares. */
  static final Variant[] ALWAYS = {PLAIN, CONTROL, AGENT};

  private final String label;

  Variant(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /**
   * Options of the child.
   *
   * @param scratch a directory for what it writes
   * @return the options
   */
  abstract List<String> options(Path scratch);
}
